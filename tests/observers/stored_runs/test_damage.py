"""Runs with torn, corrupt and empty files are read without an exception, and each run that is left out is named."""

import json
import shutil
from pathlib import Path

import pytest

from analysis.loading import load_runs
from observers.maintenance.listing import list_runs
from observers.maintenance.reap import reap
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import read_runs
from observers.system.files import read_json
from tests.observers.damage import DIED, ENDED, failures, named

SEEDS = range(300)


def test_undamaged_runs_are_read_without_a_warning(originals_recorded, capsys):
    warnings: list[str] = []
    listed = list(list_runs(originals_recorded, None, warnings.append))

    assert [(line.run.status, line.points) for line in listed] == [("COMPLETED", 62), ("RUNNING", 62)]
    assert [run.status for run in load_runs(originals_recorded)] == ["COMPLETED", "RUNNING"]
    assert warnings == []
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_damaged_runs_are_listed_or_named(damaged):
    def check(runs):
        warnings: list[str] = []
        listed = {line.run.directory.name for line in list_runs(runs, None, warnings.append)}
        assert listed | named(runs, warnings) == {ENDED, DIED}

    assert failures(damaged, check, SEEDS) == []


@pytest.mark.slow
def test_damaged_runs_are_reaped_or_named(damaged):
    def check(runs):
        warnings: list[str] = []
        readable = {run.directory.name: run for run in read_runs(runs, lambda _: None)}
        dead = set(reap(runs, None, warnings.append))
        assert readable.keys() | named(runs, warnings) == {ENDED, DIED}
        if DIED in readable and readable[DIED].status == "RUNNING" and not is_running(readable[DIED].entry):
            assert f"{runs / DIED} is DEAD" in dead or DIED in named(runs, warnings)
        for line in dead:
            assert json.loads((Path(line.removesuffix(" is DEAD")) / "run.json").read_bytes())["status"] == "DEAD"

    assert failures(damaged, check, SEEDS) == []


@pytest.mark.slow
def test_damaged_runs_are_loaded_or_named(damaged, capsys):
    def check(runs):
        capsys.readouterr()
        there = {path.parent.name for path in runs.glob("*/run.json")}
        loaded = {str(run.id) for run in load_runs(runs)}
        assert loaded | named(runs, [capsys.readouterr().err]) >= there

    assert failures(damaged, check, SEEDS) == []


def test_a_dead_run_without_a_journal_keeps_its_metrics(originals_recorded, tmp_path):
    runs = shutil.copytree(originals_recorded, tmp_path / "runs")
    (runs / DIED / "metrics.jsonl").unlink()
    before = read_json(runs / DIED / "metrics.json")
    warnings: list[str] = []

    assert list(reap(runs, None, warnings.append)) == [f"{runs / DIED} is DEAD"]
    assert read_json(runs / DIED / "metrics.json") == before
    assert named(runs, warnings) == {DIED}


def test_a_corrupt_line_is_reported_when_the_run_is_marked_dead(originals_recorded, tmp_path):
    runs = shutil.copytree(originals_recorded, tmp_path / "runs")
    journal = (runs / DIED / "metrics.jsonl").read_bytes()
    (runs / DIED / "metrics.jsonl").write_bytes(b"[" + journal[1:])
    warnings: list[str] = []

    assert list(reap(runs, None, warnings.append)) == [f"{runs / DIED} is DEAD"]
    assert warnings == [f"{runs / DIED}: metrics.jsonl: corrupt line at byte 0"]
