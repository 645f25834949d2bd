import errno

import pytest

from observers.files import read_json
from observers.journal import Journal, read_points
from observers.run_directory import RecordError
from observers.stored_runs import read_run
from tests.observers.conftest import fill_disk


@pytest.fixture(autouse=True)
def capture_nothing(monkeypatch):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")


@pytest.mark.parametrize("copy_output", [False, True])
def test_a_disk_that_is_filled_during_a_run_leaves_how_it_ended_and_every_point(
    small_disk, run_recorded, capsys, copy_output
):
    disk, logged = small_disk("4m"), [10, 20]

    def log_on(run):
        fill_disk(disk / "large")
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
    fill_disk(disk / "large")

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


def test_a_full_disk_takes_no_point_that_was_appended(small_disk):
    path = small_disk("64k") / "metrics.jsonl"
    journal, sizes = Journal(path), [0]

    def fill():
        for step in range(10_000):
            journal.append("a", step / 7, step)
            sizes.append(path.stat().st_size)

    with pytest.raises(OSError, match="No space left") as raised:
        fill()

    assert raised.value.errno == errno.ENOSPC
    assert journal.points > 500
    points = [(point.name, point.step, point.value) for point in read_points(path)]
    assert points == [("a", step, step / 7) for step in range(journal.points)]
    assert path.stat().st_size == sizes[-1]


def test_a_journal_goes_on_when_there_is_room_again(small_disk):
    disk = small_disk("64k")
    journal = Journal(disk / "metrics.jsonl")
    journal.append("a", 1.0)
    (disk / "large").write_bytes(bytes(60 << 10))

    def fill():
        for _ in range(100):
            journal.append("a", 1.0)

    with pytest.raises(OSError, match="No space left"):
        fill()
    (disk / "large").unlink()
    journal.append("a", 2.0)
    points = list(read_points(disk / "metrics.jsonl"))

    assert [point.step for point in points] == list(range(journal.points))
    assert points[-1].value == 2.0
