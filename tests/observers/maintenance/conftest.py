"""Three completed runs, which the tests change."""

import shutil

import pytest

from observers.system.files import read_json, write_json


@pytest.fixture(scope="module")
def three_runs(tmp_path_factory):
    return tmp_path_factory.mktemp("three") / "runs"


@pytest.fixture
def runs(three_runs, run_recorded, monkeypatch, tmp_path):
    """A copy of three completed runs, the third with an artifact."""
    if not three_runs.exists():
        monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")
        source = three_runs.parent / "weights.bin"
        source.write_bytes(b"123")
        for _ in range(2):
            run_recorded(three_runs)
        run_recorded(three_runs, body=lambda run: run.add_artifact(source))
    return shutil.copytree(three_runs, tmp_path / "runs")


@pytest.fixture(autouse=True)
def no_database(monkeypatch):
    monkeypatch.delenv("MONGO_URL", raising=False)


def change(run, **entries):
    """Change entries of run.json."""
    write_json(run / "run.json", {**read_json(run / "run.json"), **entries})


def kill(run):
    """Change a run so that it looks like one whose process was killed."""
    entry = read_json(run / "run.json")
    change(run, status="RUNNING", process={**entry["process"], "started": 1})
