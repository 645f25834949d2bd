"""Reads runs that were torn, bitten and emptied, and expects no exception, and a name for all that is left out."""

import json
import shutil

import pytest

from analysis.runs import load_runs
from observers.files import read_json
from observers.stored_runs import lives, read_runs
from observers.upkeep import list_runs, reap
from tests.observers.damage import DIED, ENDED, failures, named

SEEDS = range(300)


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

    assert failures(damaged, check, SEEDS) == []


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

    assert failures(damaged, check, SEEDS) == []


@pytest.mark.slow
def test_damaged_runs_are_loaded_or_named(damaged, capsys):
    def check(runs):
        capsys.readouterr()
        there = {path.parent.name for path in runs.glob("*/run.json")}
        loaded = {str(run.id) for run in load_runs(runs)}
        assert loaded | named(runs, [capsys.readouterr().err]) >= there

    assert failures(damaged, check, SEEDS) == []


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
