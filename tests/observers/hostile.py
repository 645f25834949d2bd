"""Runs that somebody has tampered with: in each of them one thing is wrong that could do harm."""

import json
import os
import pickle
import re
import shutil

SECRET = "content of a file outside"
CONTROL = "\x1b]0;title\x07\x1b[2J\r\x00\u202e\n"
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202e]")
FILES = ("run.json", "config.json", "info.json", "notes.json", "metrics.json", "metrics.jsonl", "cout.txt", "git.diff")


class Payload:
    """Creates a file when it is unpickled."""

    def __init__(self, mark):
        self._mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self._mark}",)


def plant(template, outside):
    """Make copies of a run beside it, each with one thing that is wrong, and return their names.

    Args:
        template: the directory of a good run.
        outside: a directory; if a file `executed` appears in it, something stored was executed.
    """
    (outside / "secret").write_text(SECRET)
    (outside / "secret.json").write_text(json.dumps({"status": SECRET, "uuid": SECRET, SECRET: SECRET}))
    names: list[str] = []
    for name in FILES:
        for change in (_link, _chain, _pipe, _directory, _device, _huge, _deep, _jsonpickle, _pickle, _yaml, _control):
            names.append(f"{len(names) + 100}")
            run = _copy(template, names[-1])
            (run / name).unlink(missing_ok=True)
            change(run / name, outside)
    for entries in _entries(outside):
        names.append(f"{len(names) + 100}")
        run = _copy(template, names[-1])
        (run / "run.json").write_text(json.dumps({**json.loads((run / "run.json").read_text()), **entries}))
    return names


def _copy(template, name):
    run = shutil.copytree(template, template.parent / name)
    for file in ("run.json", "info.json"):
        (run / file).write_text(json.dumps({**json.loads((run / file).read_text()), "uuid": f"uuid-{name}"}))
    return run


def _link(path, outside):
    path.symlink_to(outside / f"secret{'.json' * path.name.endswith('.json')}")


def _chain(path, outside):
    path.with_name("inner").symlink_to(outside)
    path.symlink_to("inner/secret")


def _pipe(path, outside):
    os.mkfifo(path)


def _directory(path, outside):
    path.mkdir()


def _device(path, outside):
    path.symlink_to("/dev/zero")


def _huge(path, outside):
    with path.open("wb") as file:
        file.truncate(1 << 40)


def _deep(path, outside):
    path.write_text("[" * 100_000 + "]" * 100_000 + "\n")


def _jsonpickle(path, outside):
    reduce = {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": [f"touch {outside / 'executed'}"]}]}
    content = {"status": "COMPLETED", "uuid": str(path), "payload": reduce, "experiment": reduce, "tags": [reduce]}
    path.write_text(json.dumps(content) + "\n")


def _pickle(path, outside):
    path.write_bytes(pickle.dumps(Payload(outside / "executed")))


def _yaml(path, outside):
    path.write_text(f'!!python/object/apply:os.system ["touch {outside / "executed"}"]\n')


def _control(path, outside):
    entry = {"status": CONTROL, "uuid": f"{path.parent.name}{CONTROL}", CONTROL: CONTROL, "tags": [CONTROL]}
    content = {**entry, "notes": CONTROL, "removed_tags": [CONTROL], "name": CONTROL, "step": 1, "value": CONTROL}
    path.write_text(json.dumps({**content, "timestamp": "2026-01-01T00:00:00"}) + "\n")


def _entries(outside):
    for name in (str(outside / "secret"), "../../outside/secret", "../outside/secret", 7, None, CONTROL, "\ud800"):
        yield {
            "experiment": {"name": "small", "sources": [["x", name]]},
            "artifacts": [name],
            "resources": [[name, name]],
        }
    for status in (["COMPLETED"], {"a": 1}, None, 7, CONTROL, "\ud800"):
        yield {"status": status}
    for value in ({"a": 1}, ["a"], 7, CONTROL, "\ud800", 1e300, 2**70, "\0"):
        yield {"uuid": value}
        yield {"result": value, "experiment": value, "meta": value, "host": value, "heartbeat": value}
        yield {"status": "RUNNING", "process": value, "start_time": value, "stop_time": value, "directory": value}


def checked_output(capfd, outside, main, *arguments):
    """Run a command, check what it prints and that it leaves the outside alone, and return what it prints."""
    capfd.readouterr()
    main([str(each) for each in arguments])
    out, err = capfd.readouterr()
    assert not CONTROL_CHARACTERS.search(out + err)
    assert SECRET not in out + err
    assert "Traceback" not in err
    assert sorted(path.name for path in outside.iterdir()) == ["secret", "secret.json"]
    return out
