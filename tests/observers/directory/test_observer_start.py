"""A run starts in a directory of its own, or not at all."""

import errno
import subprocess
import sys
from contextlib import nullcontext

import pytest
from sacred import Experiment

from observers.directory.observer import RecordError, RunDirectoryObserver
from observers.directory.recording import Recording
from observers.directory.start import new_directory
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import read_run
from observers.system import files
from tests.open_files import open_files

FORK = """
import os, sys
from sacred import SETTINGS, Experiment
from observers.directory.observer import RunDirectoryObserver

SETTINGS.CAPTURE_MODE = "no"
experiment = Experiment("small", base_dir=".", save_git_info=False)
experiment.observers.append(RunDirectoryObserver("runs"))
experiment.main(lambda: None)
gate, opener = os.pipe()
children = []
for _ in range(16):
    child = os.fork()
    if child == 0:
        os.close(opener)
        os.read(gate, 1)  # returns in all children when the last process has closed the other end
        os.write(1, f"{experiment.run()._id}\\n".encode())
        os._exit(0)
    children.append(child)
os.close(opener)
for child in children:
    os.waitpid(child, 0)
"""

DIE = """
import os
from sacred import Experiment
from observers.directory import points
from observers.directory.observer import RunDirectoryObserver

points.Journal = lambda path: os._exit(9)
experiment = Experiment("small", save_git_info=False)
experiment.observers.append(RunDirectoryObserver("runs"))


@experiment.main
def main():
    pass


experiment.run()
"""


def experiment_with(observer):
    experiment = Experiment("small", base_dir=observer.basedir, save_git_info=False)
    experiment.observers.append(observer)
    experiment.main(lambda: None)
    return experiment


def test_an_observer_has_no_run_before_the_first_start(tmp_path):
    observer = RunDirectoryObserver(tmp_path / "runs")

    assert (observer.directory, observer.dir, observer.uuid, observer.points) == (None, None, "", 0)
    with pytest.raises(RuntimeError, match="no run has started"):
        _ = observer.recording
    assert not list(tmp_path.iterdir())


def test_runs_below_a_file_are_refused_with_one_line(tmp_path, run_recorded, caplog):
    (tmp_path / "file").write_text("content")

    with pytest.raises(RecordError, match=r"file/runs: Not a directory; a directory has to be there: ") as raised:
        run_recorded(tmp_path / "file" / "runs")

    assert "\n" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "content"
    assert "Traceback" not in caplog.text


def test_a_run_whose_sources_cannot_be_stored_is_refused_and_leaves_nothing(tmp_path, run_recorded):
    (tmp_path / "_sources").touch()

    with pytest.raises(RecordError, match="cannot record the run in"):
        run_recorded(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["_sources"]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error", "runs/1"), KeyboardInterrupt()])
def test_a_start_that_fails_removes_the_directory_that_it_created(tmp_path, monkeypatch, error):
    """Also if the error names that directory, as the error of a directory that exists already does."""
    monkeypatch.chdir(tmp_path)

    def fail(*arguments, **options):
        raise error

    observer = RunDirectoryObserver("runs")
    with monkeypatch.context() as patch:
        patch.setattr("observers.directory.observer.Recording", fail)
        with pytest.raises((RecordError, KeyboardInterrupt)):
            experiment_with(observer).run()

    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["_sources"]
    assert (observer.directory, observer.dir) == (None, None)
    assert experiment_with(observer).run()._id == "1"


@pytest.mark.parametrize(("failures", "names"), [(1, ["1", "_sources"]), (1000, ["_sources"])])
def test_a_run_whose_name_cannot_be_flushed_has_one_directory_or_none(tmp_path, monkeypatch, failures, names):
    left, flush = [failures], files.sync_directory

    def fail(directory):
        left[0] -= 1
        if directory == tmp_path / "runs" and left[0] >= 0:
            raise OSError(errno.EIO, "Input/output error")
        flush(directory)

    monkeypatch.setattr(new_directory, "sync_directory", fail)
    with pytest.raises(RecordError) if failures > 1 else nullcontext():
        experiment_with(RunDirectoryObserver(tmp_path / "runs")).run()

    assert sorted(path.name for path in (tmp_path / "runs").iterdir() if path.name != ".last_id") == names


def test_a_start_that_is_refused_leaves_no_file_open_and_the_streams_as_they_were(tmp_path):
    observer, streams = RunDirectoryObserver(tmp_path / "runs", copy_output=True), (sys.stdout, sys.stderr)
    experiment_with(observer).run()
    before = open_files()
    for _ in range(3):
        with pytest.raises(RecordError, match="File exists"):
            experiment_with(observer).run(options={"--id": "1"})

    assert not open_files() - before
    assert (sys.stdout, sys.stderr) == streams


def test_a_start_on_a_disk_that_flushes_nothing_leaves_nothing(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    begin, before = Recording.begin, open_files()

    def begin_and_fail(recording, directory):
        monkeypatch.setattr("os.fsync", fail)
        begin(recording, directory)

    monkeypatch.setattr(Recording, "begin", begin_and_fail)
    with pytest.raises(RecordError, match="Input/output error"):
        experiment_with(RunDirectoryObserver(tmp_path / "runs", copy_output=True)).run()

    assert {path.name for path in (tmp_path / "runs").iterdir()} == {".last_id", "_sources"}
    assert not open_files() - before


def test_a_run_that_may_start_no_thread_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    def fail(thread):
        raise RuntimeError("can't start new thread")

    observer, streams = RunDirectoryObserver(tmp_path / "runs", copy_output=True), (sys.stdout, sys.stderr)
    before = open_files()
    with monkeypatch.context() as patch:
        patch.setattr("threading.Thread.start", fail)
        patch.setattr("observers.directory.observer._START_PATIENCE", 0.0)
        with pytest.raises(RecordError, match="allow more processes with ulimit -u"):
            experiment_with(observer).run()

    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["_sources"]
    assert not open_files() - before
    assert (sys.stdout, sys.stderr) == streams


@pytest.mark.parametrize("same_observer", [False, True])
def test_a_run_is_never_overwritten(tmp_path, same_observer):
    observer = RunDirectoryObserver(tmp_path / "runs")
    experiment_with(observer).run()
    before = {path: path.read_bytes() for path in (tmp_path / "runs" / "1").iterdir()}

    with pytest.raises(RecordError, match="File exists; nothing is overwritten: choose another name"):
        experiment_with(observer if same_observer else RunDirectoryObserver(tmp_path / "runs")).run(
            options={"--id": "1"}
        )

    assert {path: path.read_bytes() for path in (tmp_path / "runs" / "1").iterdir()} == before


def test_runs_that_start_at_once_have_a_directory_each(tmp_path):
    (tmp_path / "fork.py").write_text(FORK)
    done = subprocess.run([sys.executable, "fork.py"], cwd=tmp_path, capture_output=True, text=True)
    ids = [int(line) for line in done.stdout.split()]
    runs = [read_run(tmp_path / "runs" / str(run_id)) for run_id in ids]

    assert sorted(ids) == list(range(1, 17)), done.stderr
    assert len({run.uuid for run in runs}) == 16
    assert {run.status for run in runs} == {"COMPLETED"}


def test_a_run_that_is_killed_while_it_starts_leaves_no_run_and_blocks_no_command(tmp_path):
    (tmp_path / "start.py").write_text(DIE)
    done = subprocess.run([sys.executable, "start.py"], cwd=tmp_path, capture_output=True)
    warnings: list[str] = []

    assert done.returncode == 9
    assert sorted(path.name[:5] for path in (tmp_path / "runs").iterdir()) == [".new-", "_sour"]
    assert not list(read_runs(tmp_path / "runs", warnings.append))
    assert not warnings
