"""Tears, corrupts and empties the files of runs."""

import json
import random

ENDED, DIED = "1", "2"


def truncate(path, chance):
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def flip(path, chance):
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 8])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def insert(path, chance):
    content = path.read_bytes()
    place = chance.randrange(len(content))
    new = chance.choice([b"\n", b"\x00", b"}", b"-", b"0", b'"', b"9" * 5000, b"[" * 5000, chance.randbytes(16)])
    path.write_bytes(content[:place] + new + content[place:])


def change_value(path, chance):
    """Replace a value by another one, so that the file remains valid JSON."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    if not (isinstance(content, dict) and content):
        return
    name = chance.choice(sorted(content))
    content[name] = chance.choice([None, 7, -1.5, "word", [], [1], {}, {"a": []}, True])
    path.write_text(json.dumps(content))


def replace_content(path, chance):
    path.write_text(
        chance.choice(["null", "7", "[]", "{}", '"word"', '{"a": 1}', '{"a": {}}', '[{"a": 1}]', "[" * 5000])
    )


def empty(path, chance):
    path.write_bytes(b"")


def delete(path, chance):
    path.unlink()


def make_directory(path, chance):
    path.unlink()
    path.mkdir()
    if chance.random() < 0.5:
        (path / "file").touch()


MUTATIONS = [truncate, flip, flip, insert, change_value, change_value, replace_content, empty, delete, make_directory]


def damage(runs, seed):
    """Damage one to three files of the runs, and return how."""
    chance = random.Random(seed)
    done = []
    for _ in range(chance.randint(1, 3)):
        files = sorted(path for path in runs.glob("[12]/*") if path.is_file() and path.stat().st_size)
        path, mutation = chance.choice(files), chance.choice(MUTATIONS)
        mutation(path, chance)
        done.append(f"{mutation.__name__} {path.relative_to(runs)}")
    return done


def named(runs, warnings):
    """Return the runs that the warnings name."""
    return {name for name in (ENDED, DIED) if any(str(runs / name) in line for line in warnings)}


def failures(damaged, check, seeds):
    """Run a check on differently damaged runs, and return what it raises, with the seed and the damage."""
    found = []
    for seed in seeds:
        runs, done = damaged(seed)
        try:
            check(runs)
        except Exception as error:
            found.append(f"seed {seed}: {', '.join(done)}: {type(error).__name__}: {str(error)[:150]}")
    return found
