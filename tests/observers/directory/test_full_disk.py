"""Points that are logged while the disk is full: no call raises or waits, and they are written when there is space."""

import errno
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from observers.__main__ import main
from observers.directory import journal as journal_module
from observers.directory import points as points_module
from observers.directory.journal_reader import read_points
from observers.directory.metrics_file import write_metrics
from observers.directory.observer import RunDirectoryObserver
from observers.directory.points import PointFiles, QueuedPoint
from observers.stored_runs.stored_run import read_run
from observers.system.files import read_json
from observers.system.retry import WriteRetry
from tests.observers.conftest import fill_disk
from tests.observers.directory.logged import experiment_with


def record(runs, body):
    """Record a run; return it and what is not recorded of it."""
    observer = RunDirectoryObserver(runs, copy_output=True)
    experiment_with(observer, body=body).run()
    return read_run(runs / "1"), observer.unrecorded


def steps(run):
    return [point.step for point in read_points(run.journal)]


def test_points_wait_for_space_in_their_order_and_the_run_goes_on(small_disk, capsys):
    disk = small_disk("4m")

    def body(run):
        run.log_scalar("a", 0.5)
        fill_disk(disk / "large")
        start = time.monotonic()
        for _ in range(20_000):
            run.log_scalar("a", 0.5)
        seconds.append(time.monotonic() - start)
        run._emit_heartbeat()
        (disk / "large").unlink()
        run._emit_heartbeat()
        seen.append(len(list(read_points(disk / "runs" / "1" / "metrics.jsonl"))))
        run.log_scalar("a", 0.5)

    seconds: list[float] = []
    seen: list[int] = []
    run, unrecorded = record(disk / "runs", body)

    assert (run.status, run.damage, unrecorded) == ("COMPLETED", (), [])
    assert steps(run) == list(range(20_002))
    assert seen == [20_001]
    assert seconds[0] < 6
    assert read_json(run.directory / "metrics.json")["a"]["steps"] == list(range(20_002))
    warnings = [line for line in capsys.readouterr().err.splitlines() if "metrics.jsonl" in line]
    assert warnings == [
        f"{run.directory}: metrics.jsonl cannot be written: No space left on device; make room on its disk; "
        "up to 100,000 points wait in memory"
    ]


def test_a_run_on_a_disk_that_stays_full_records_its_end_and_counts_what_is_lost(small_disk, capsys):
    disk = small_disk("4m")

    def body(run):
        run.log_scalar("a", 0.5)
        fill_disk(disk / "large")
        for step in range(50_000):
            print(f"step {step}")
            run.log_scalar("a", 0.5)
        run._emit_heartbeat()

    run, unrecorded = record(disk / "runs", body)
    kept = steps(run)

    assert (run.status, run.damage) == ("COMPLETED", ())
    assert kept == list(range(len(kept)))
    assert len(kept) > 5000  # in the space that was reserved for the end
    assert "metrics.jsonl" in unrecorded
    lost = f"metrics.jsonl: {50_001 - len(kept):,} of 50,001 points are lost, which could not be written for long"
    assert f"{run.directory}: {lost}" in capsys.readouterr().err.splitlines()
    assert not (run.directory / ".reserve").exists()
    assert run.entry["unrecorded"]["metrics.jsonl"] == lost
    assert "metrics.json" in run.entry["unrecorded"]
    (disk / "large").unlink()
    capsys.readouterr()
    assert main(["list", str(run.directory.parent)]) == 0
    assert f"{run.directory}: not recorded: " in capsys.readouterr().err
    assert main(["reap", str(run.directory.parent)]) == 0
    assert capsys.readouterr().out == f"{run.directory}: metrics.json is written again\n"
    assert read_json(run.directory / "metrics.json")["a"]["steps"] == kept
    assert "metrics.json" not in read_run(run.directory).entry["unrecorded"]


def test_points_that_wait_get_the_space_that_prepares_metrics_json(small_disk, monkeypatch):
    monkeypatch.setattr(journal_module, "_PATIENCE", 0.0)
    disk = small_disk("4m")
    files = PointFiles(disk, WriteRetry(disk))
    for _ in range(15_000):
        files.journal.append("a", 0.5)
    files.write_metrics_if_cheap()
    fill_disk(disk / "large")
    for _ in range(1000):
        files.journal.append("a", 0.5)
    waiting = files.journal.waiting
    files.keep_journal()
    files.close()

    assert waiting > 0
    assert len(list(read_points(disk / "metrics.jsonl"))) == 16_000


def test_a_point_with_a_wrong_name_or_step_is_refused_on_a_full_disk_as_well(small_disk):
    disk = small_disk("4m")

    def body(run):
        fill_disk(disk / "large")
        for _ in range(1000):
            run.log_scalar("a", 0.5)
        with pytest.raises(ValueError, match="is not a metric name"):
            run.log_scalar("", 0.5)
        with pytest.raises(ValueError, match="is not a number"):
            run.log_scalar("a", 0.5, "x")
        (disk / "large").unlink()

    run, unrecorded = record(disk / "runs", body)

    assert (steps(run), unrecorded) == (list(range(1000)), [])


def test_points_that_come_after_the_end_and_cannot_be_written_are_told(small_disk, capsys):
    disk = small_disk("4m")
    observer = RunDirectoryObserver(disk / "runs", copy_output=True)
    experiment_with(observer, body=lambda run: run.log_scalar("a", 0.5)).run()
    fill_disk(disk / "large")
    observer.recording.add_points(QueuedPoint(datetime.utcnow(), "a", 0.5, step) for step in range(1, 5001))
    lost = 5001 - len(steps(read_run(disk / "runs" / "1")))

    assert lost > 0
    assert "metrics.jsonl" in observer.unrecorded
    assert f"metrics.jsonl: {lost:,} of 5,001 points are lost" in capsys.readouterr().err


@pytest.mark.parametrize("is_after_end", [False, True])
def test_metrics_json_is_written_again_after_an_error(tmp_path, monkeypatch, is_after_end):
    def fail_once(*arguments):
        if not errors:
            errors.append(OSError(errno.EIO, "Input/output error"))
            raise errors[0]
        write_metrics(*arguments)

    def add(run):
        monkeypatch.setattr(points_module, "write_metrics", fail_once)
        observer.recording.add_points([QueuedPoint(datetime.utcnow(), "a", 0.5, 0)])
        if not is_after_end:
            run._emit_heartbeat()
        seen.append(read_json(tmp_path / "1" / "metrics.json"))

    errors: list[OSError] = []
    seen: list[Any] = []
    observer = RunDirectoryObserver(tmp_path, copy_output=True)
    experiment = experiment_with(observer, body=lambda run: None if is_after_end else add(run))
    run = experiment.run()
    if is_after_end:
        add(run)

    assert len(errors) == 1
    assert seen[0]["a"]["steps"] == [0]


def test_an_ended_run_holds_no_file_open(tmp_path):
    def log(run):
        for _ in range(15_000):
            run.log_scalar("a", 0.5)
        run._emit_heartbeat()

    observer = RunDirectoryObserver(tmp_path, copy_output=True)
    run = experiment_with(observer, body=log).run()
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]

    assert run.status == "COMPLETED"
    assert [link for link in links if str(tmp_path) in str(link.readlink())] == []
