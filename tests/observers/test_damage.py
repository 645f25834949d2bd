"""Reads runs that were torn, bitten and emptied, and expects no exception, and a name for all that is left out."""

import json
import math
import random
import shutil

import pytest

from analysis.runs import load_runs
from observers.files import read_json, write_json
from observers.stored_runs import lives, read_runs
from observers.upkeep import list_runs, reap

SEEDS = range(300)
ENDED, DIED = "1", "2"


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return tmp_path_factory.mktemp("originals")


@pytest.fixture
def originals_recorded(originals, run_recorded, monkeypatch):
    """Two runs: one that has ended, and one that was killed."""
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")
    if not list(originals.iterdir()):
        (originals / "model.bin").write_bytes(bytes(range(256)))
        run_recorded(originals / "runs", body=fill)
        run_recorded(originals / "runs", body=fill)
        ended = read_json(originals / "runs" / DIED / "run.json")
        del ended["stop_time"]
        write_json(originals / "runs" / DIED / "run.json", {**ended, **killed(ended)})
        (originals / "runs" / DIED / ".reserve").write_bytes(bytes(100))
    return originals / "runs"


def fill(run):
    for step in range(30, 60):
        run.log_scalar("train/loss", 1 / step, step)
        run.log_scalar("train/words", math.nan, step)
    run.add_artifact(run.observers[0].started_directory.parent.parent / "model.bin")


def killed(entry):
    return {"status": "RUNNING", "process": {**entry["process"], "started": 1}}


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
    """Put another value of JSON where one is, which leaves a file that can be read."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    if not (isinstance(content, dict) and content):
        return
    name = chance.choice(sorted(content))
    content[name] = chance.choice([None, 7, -1.5, "word", [], [1], {}, {"a": []}, True])
    path.write_text(json.dumps(content))


def put_another(path, chance):
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


MUTATIONS = [truncate, flip, flip, insert, change_value, change_value, put_another, empty, delete, make_directory]


def damage(runs, seed):
    """Do one to three things to the files of the runs."""
    chance = random.Random(seed)
    done = []
    for _ in range(chance.randint(1, 3)):
        files = sorted(path for path in runs.glob("[12]/*") if path.is_file() and path.stat().st_size)
        path, mutation = chance.choice(files), chance.choice(MUTATIONS)
        mutation(path, chance)
        done.append(f"{mutation.__name__} {path.relative_to(runs)}")
    return done


@pytest.fixture
def damaged(originals_recorded, tmp_path):
    """Make damaged copies of the runs."""

    def make(seed):
        runs = tmp_path / "runs"
        shutil.rmtree(runs, ignore_errors=True)
        shutil.copytree(originals_recorded, runs)
        return runs, damage(runs, seed)

    return make


def named(runs, said):
    return {name for name in (ENDED, DIED) if any(str(runs / name) in line for line in said)}


def failures(damaged, check):
    """What a check raises, for each seed with which it does, with the damage that was done."""
    found = []
    for seed in SEEDS:
        runs, done = damaged(seed)
        try:
            check(runs)
        except Exception as error:
            found.append(f"seed {seed}: {', '.join(done)}: {type(error).__name__}: {str(error)[:150]}")
    return found


def test_the_runs_are_read_when_nothing_is_damaged(originals_recorded, capsys):
    said: list[str] = []
    listed = list(list_runs(originals_recorded, None, said.append))

    assert [(entry.run.status, entry.points) for entry in listed] == [("COMPLETED", 62), ("RUNNING", 62)]
    assert [run.status for run in load_runs(originals_recorded)] == ["COMPLETED", "RUNNING"]
    assert said == []
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_damaged_runs_are_listed_or_named(damaged):
    def check(runs):
        said: list[str] = []
        listed = {entry.run.directory.name for entry in list_runs(runs, None, said.append)}
        assert listed | named(runs, said) == {ENDED, DIED}

    assert failures(damaged, check) == []


@pytest.mark.slow
def test_damaged_runs_are_reaped_or_named(damaged):
    def check(runs):
        said: list[str] = []
        readable = {run.directory.name: run for run in read_runs(runs, lambda _: None)}
        dead = set(reap(runs, None, said.append))
        assert readable.keys() | named(runs, said) == {ENDED, DIED}
        if DIED in readable and readable[DIED].status == "RUNNING" and not lives(readable[DIED].entry):
            assert str(runs / DIED) in dead or DIED in named(runs, said)
        for directory in dead:
            assert json.loads((runs / directory / "run.json").read_bytes())["status"] == "DEAD"

    assert failures(damaged, check) == []


@pytest.mark.slow
def test_damaged_runs_are_loaded_or_named(damaged, capsys):
    def check(runs):
        capsys.readouterr()
        there = {path.parent.name for path in runs.glob("*/run.json")}
        loaded = {str(run.id) for run in load_runs(runs)}
        assert loaded | named(runs, [capsys.readouterr().err]) >= there

    assert failures(damaged, check) == []


def test_a_run_that_has_lost_its_journal_keeps_its_metrics_when_it_is_declared_dead(originals_recorded, tmp_path):
    runs = shutil.copytree(originals_recorded, tmp_path / "runs")
    (runs / DIED / "metrics.jsonl").unlink()
    before = read_json(runs / DIED / "metrics.json")
    said: list[str] = []

    assert list(reap(runs, None, said.append)) == [str(runs / DIED)]
    assert read_json(runs / DIED / "metrics.json") == before
    assert named(runs, said) == {DIED}


def test_a_bitten_line_is_named_when_the_run_is_declared_dead(originals_recorded, tmp_path):
    runs = shutil.copytree(originals_recorded, tmp_path / "runs")
    journal = (runs / DIED / "metrics.jsonl").read_bytes()
    (runs / DIED / "metrics.jsonl").write_bytes(b"[" + journal[1:])
    said: list[str] = []

    assert list(reap(runs, None, said.append)) == [str(runs / DIED)]
    assert said == [f"{runs / DIED}: metrics.jsonl: the line at byte 0 is no point"]
