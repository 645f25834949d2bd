from contextlib import suppress

import pytest

from observers.files import read_json
from observers.journal import read_points
from observers.run_directory import RecordError
from observers.stored_runs import read_run


@pytest.fixture(autouse=True)
def capture_nothing(monkeypatch):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")


def fill(path):
    """Fill a disk to its last byte."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass


@pytest.mark.parametrize("copy_output", [False, True])
def test_a_disk_that_is_filled_during_a_run_leaves_how_it_ended_and_every_point(
    small_disk, run_recorded, capsys, copy_output
):
    disk, logged = small_disk("4m"), [10, 20]

    def log_on(run):
        fill(disk / "large")
        for step in range(30, 100_000):
            print(f"step {step}")
            run.log_scalar("train/loss", step / 7, step)
            logged.append(step)

    with pytest.raises(OSError, match="No space left"):
        run_recorded(disk / "runs", body=log_on, copy_output=copy_output)
    run = read_run(disk / "runs" / "1")

    assert run.status == "FAILED"
    assert "No space left" in run.entry["fail_trace"][-1]
    assert run.damaged == ()
    assert [point.step for point in read_points(run.journal)] == logged
    assert read_json(run.directory / "metrics.json")["train/loss"]["steps"] == logged
    assert read_json(run.directory / "info.json")["best_step"] == 20
    assert not (run.directory / ".reserve").exists()


def test_what_does_not_fit_is_named_and_the_run_goes_on(tmp_path, small_disk, run_recorded, capsys):
    disk = small_disk("4m")
    (tmp_path / "large").write_bytes(bytes(8 << 20))

    def add(run):
        run.add_artifact(tmp_path / "large", "large.bin")
        run.log_scalar("late", 1.0, 1)

    run_recorded(disk / "runs", body=add)
    run = read_run(disk / "runs" / "1")

    assert (run.status, run.damaged, run.entry["artifacts"]) == ("COMPLETED", (), [])
    assert [point.name for point in read_points(run.journal)] == ["train/loss", "train/loss", "late"]
    assert "artifact large.bin is not recorded: [Errno 28] No space left on device" in capsys.readouterr().err
    assert not (run.directory / "large.bin").exists()


def test_a_run_does_not_begin_on_a_full_disk_and_leaves_nothing(small_disk, run_recorded):
    disk = small_disk("4m")
    (disk / "runs").mkdir()
    fill(disk / "large")

    with pytest.raises(RecordError, match="cannot hold this run: No space left on device"):
        run_recorded(disk / "runs")

    assert not [path for path in (disk / "runs").iterdir() if path.name.isdecimal()]


def test_a_run_does_not_begin_without_room_for_its_end(small_disk, run_recorded):
    disk = small_disk("1m")

    with pytest.raises(RecordError, match="cannot hold this run: No space left on device"):
        run_recorded(disk / "runs")

    assert not [path for path in (disk / "runs").iterdir() if path.name.isdecimal()]


@pytest.mark.parametrize("kilobytes", range(1024, 1064, 4))
def test_a_run_begins_with_room_for_its_end_or_is_refused_in_a_line(
    small_disk, run_recorded, caplog, capsys, kilobytes
):
    runs = small_disk(f"{kilobytes}k") / "runs"
    try:
        run_recorded(runs)
    except RecordError:
        assert not [path for path in runs.iterdir() if path.name.isdecimal()]
        assert "Traceback" not in caplog.text
        assert capsys.readouterr().err == ""
    else:
        assert (read_run(runs / "1").status, read_run(runs / "1").damaged) == ("COMPLETED", ())
        assert len(list(read_points(runs / "1" / "metrics.jsonl"))) == 2
