"""A run begins in a directory of its own, or not at all."""

import json
import subprocess
import sys

import pytest
from sacred import Experiment

from observers.run_directory import RecordError, RunDirectoryObserver
from observers.stored_runs import read_run

START = """
import sys
from sacred import SETTINGS, Experiment
from observers.run_directory import RunDirectoryObserver

SETTINGS.CAPTURE_MODE = "no"
experiment = Experiment("small", base_dir=sys.argv[1], save_git_info=False)
experiment.observers.append(RunDirectoryObserver(sys.argv[1]))
experiment.main(lambda: None)
print("ready", flush=True)
sys.stdin.readline()
print(experiment.run()._id)
"""


@pytest.fixture(autouse=True)
def capture_nothing(monkeypatch):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")


def test_runs_below_a_file_are_refused_in_a_line(tmp_path, run_recorded, caplog):
    (tmp_path / "file").write_text("content")

    with pytest.raises(RecordError, match=r"file/runs cannot hold this run: Not a directory$") as raised:
        run_recorded(tmp_path / "file" / "runs")

    assert "\n" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "content"
    assert "Traceback" not in caplog.text


def test_a_run_whose_sources_have_no_place_is_refused_and_leaves_nothing(tmp_path, run_recorded):
    (tmp_path / "_sources").touch()

    with pytest.raises(RecordError, match="cannot hold this run"):
        run_recorded(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["_sources"]


@pytest.mark.parametrize("same_observer", [False, True])
def test_no_run_is_overwritten(tmp_path, same_observer):
    def experiment_of(observer):
        experiment = Experiment("small", base_dir=tmp_path, save_git_info=False)
        experiment.observers.append(observer)
        experiment.main(lambda: None)
        return experiment

    observer = RunDirectoryObserver(tmp_path / "runs")
    experiment_of(observer).run()
    before = {path: path.read_bytes() for path in (tmp_path / "runs" / "1").iterdir()}

    with pytest.raises(RecordError, match="File exists"):
        experiment_of(observer if same_observer else RunDirectoryObserver(tmp_path / "runs")).run(
            options={"--id": "1"}
        )

    assert {path: path.read_bytes() for path in (tmp_path / "runs" / "1").iterdir()} == before


@pytest.mark.slow
def test_runs_that_begin_at_once_have_a_directory_each(tmp_path):
    (tmp_path / "start.py").write_text(START)
    command = [sys.executable, tmp_path / "start.py", tmp_path / "runs"]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(16)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ids = [int(process.communicate()[0]) for process in processes]

    assert sorted(ids) == list(range(1, 17))
    assert len({read_run(tmp_path / "runs" / str(run_id)).uuid for run_id in ids}) == 16
    for run_id in ids:
        assert json.loads((tmp_path / "runs" / str(run_id) / "run.json").read_bytes())["status"] == "COMPLETED"
