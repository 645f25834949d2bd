"""How often a run waits for the disk."""

import functools
import os
from collections import Counter
from pathlib import Path

import pytest

from observers.directory import recording
from observers.directory.observer import RunDirectoryObserver
from observers.system.files import PeriodicSync
from tests.observers.directory.logged import experiment_with

_NEVER = 3600.0  # seconds


@pytest.fixture
def flushes(tmp_path, monkeypatch):
    """Record a run with three heartbeats in which nothing happens; return the flushes of its start and after it."""
    fsync, flushed, starts = os.fsync, [], []

    def count(descriptor):
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    def body(run):
        starts.append(len(flushed))
        for _ in range(3):
            run._emit_heartbeat()

    def record():
        flushed.clear()
        starts.clear()
        run = experiment_with(RunDirectoryObserver(tmp_path / "runs", copy_output=True), body=body)._create_run()
        run.beat_interval = _NEVER
        run()
        return flushed[: starts[0]], flushed[starts[0] :]

    monkeypatch.setattr("os.fsync", count)
    monkeypatch.setattr(recording, "PeriodicSync", functools.partial(PeriodicSync, seconds=_NEVER))
    return record


def test_a_start_flushes_each_file_once_and_each_directory_once(flushes):
    flushes()
    start, _ = flushes()  # the sources are stored already
    names = Counter(path.name.split(".")[1] if path.name.startswith(".") else path.name for path in start)

    assert {"config": 1, "info": 1, "metrics": 1, "last_id": 1, "runs": 1}.items() <= names.items()
    assert len(start) <= 14
    assert sum(path.is_dir() for path in start) <= 4


def test_a_heartbeat_of_a_run_in_which_nothing_happens_flushes_its_time_only(flushes):
    _, after = flushes()
    names = [path.name.split(".")[1] if path.name.startswith(".") else path.name for path in after]

    assert "info" not in names[:3]
    assert len(after) <= 14
