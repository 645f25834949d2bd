"""What a power cut leaves of a run that is recorded."""

import functools
import time
from datetime import timedelta

import pytest

from observers.directory import recording
from observers.directory.journal_reader import read_points
from observers.stored_runs.stored_run import read_run
from observers.system.files import PeriodicSync
from tests.power_cut import Names, watch

PERIOD, BOUND = 0.2, timedelta(seconds=1)


@pytest.fixture
def recorded(run_recorded, tmp_path, monkeypatch):
    """Record a run of two seconds without a heartbeat, and watch what it flushes."""
    monkeypatch.setattr(recording, "PeriodicSync", functools.partial(PeriodicSync, seconds=PERIOD))
    (tmp_path / "file").write_text("text")

    def body(run):
        run.add_artifact(tmp_path / "file", "deep/below/artifact")
        end = time.monotonic() + 2
        step = 0
        while time.monotonic() < end:
            step += 1
            run.log_scalar("loss", 1 / step, step)
            print(step)
            time.sleep(0.01)

    (tmp_path / "watched").mkdir()
    with watch(tmp_path / "watched") as disk:
        run_recorded(tmp_path / "watched" / "new" / "runs", body=body, copy_output=True)
    return disk, tmp_path / "watched" / "new" / "runs" / "1"


@pytest.mark.slow
def test_points_and_output_older_than_the_bound_survive_any_cut_without_heartbeats(recorded, tmp_path):
    disk, run = recorded
    logged = list(read_points(run / "metrics.jsonl"))
    kept = []
    for number, cut in enumerate(disk.cuts):
        disk.build(cut, tmp_path / str(number), Names.FLUSHED)
        survived = list(read_points(tmp_path / str(number) / "new" / "runs" / "1" / "metrics.jsonl"))
        assert survived == logged[: len(survived)]
        assert len(survived) >= sum(point.timestamp < cut.time - BOUND for point in logged)
        output = tmp_path / str(number) / "new" / "runs" / "1" / "cout.txt"
        printed = output.read_text().split() if output.exists() else []
        assert len(printed) >= sum(p.timestamp < cut.time - BOUND for p in logged if p.name == "loss")
        kept.append(len(survived))

    assert len(set(kept)) > 5
    assert kept[-1] == len(logged)


@pytest.mark.slow
@pytest.mark.parametrize("names", Names)
def test_a_run_is_recorded_as_completed_after_all_that_belongs_to_it(recorded, tmp_path, names):
    disk, run = recorded
    statuses = []
    for number, cut in enumerate(disk.cuts):
        disk.build(cut, tmp_path / str(number), names)
        survived = tmp_path / str(number) / "new" / "runs" / "1"
        if not (survived / "run.json").exists():
            continue
        stored = read_run(survived)
        statuses.append(stored.status)
        assert all((survived / name).read_text() == "text" for name in stored.entry["artifacts"])
        if stored.status == "COMPLETED":
            assert stored.damage == ()
            assert stored.entry["artifacts"] == ["deep/below/artifact"]
            assert (survived / "metrics.jsonl").read_bytes() == (run / "metrics.jsonl").read_bytes()
            assert (survived / "cout.txt").read_bytes() == (run / "cout.txt").read_bytes()

    assert statuses == sorted(statuses, reverse=True)  # first RUNNING, then COMPLETED
    assert set(statuses) == {"RUNNING", "COMPLETED"}
