"""What is recorded when the disk is full, or when something fails while a run ends."""

import pytest
from sacred import Experiment

from observers.directory.journal import Journal
from observers.directory.journal_reader import read_points
from observers.directory.observer import RecordError, RunDirectoryObserver
from observers.stored_runs.stored_run import read_run
from observers.system.files import read_json
from tests.observers.conftest import fill_disk


def test_an_artifact_without_space_is_reported_and_the_run_goes_on(tmp_path, small_disk, run_recorded, capsys):
    disk = small_disk("4m")
    (tmp_path / "large").write_bytes(bytes(8 << 20))

    def add(run):
        run.add_artifact(tmp_path / "large", "large.bin")
        run.log_scalar("late", 1.0, 1)

    run_recorded(disk / "runs", body=add)
    run = read_run(disk / "runs" / "1")

    assert (run.status, run.damage, run.entry["artifacts"]) == ("COMPLETED", (), [])
    assert [point.name for point in read_points(run.journal)] == ["train/loss", "train/loss", "late"]
    reason = "No space left on device; make room on its disk"
    assert capsys.readouterr().err.splitlines() == [
        f"{run.directory}: artifact large.bin is not recorded yet: {reason}; it is tried again",
        f"{run.directory}: not recorded: artifact large.bin: {reason}",
    ]
    assert not (run.directory / "large.bin").exists()


def test_a_run_on_a_full_disk_is_refused_and_leaves_nothing(small_disk, run_recorded):
    disk = small_disk("4m")
    (disk / "runs").mkdir()
    fill_disk(disk / "large")

    with pytest.raises(RecordError, match=r"cannot record the run in .*: No space left on device"):
        run_recorded(disk / "runs")

    assert not [path for path in (disk / "runs").iterdir() if path.name.isdecimal()]


def test_a_run_without_space_to_record_its_end_is_refused(small_disk, run_recorded):
    disk = small_disk("1m")

    with pytest.raises(RecordError, match=r"cannot record the run in .*: No space left on device"):
        run_recorded(disk / "runs")

    assert not [path for path in (disk / "runs").iterdir() if path.name.isdecimal()]


@pytest.mark.parametrize("kilobytes", range(1024, 1064, 4))
def test_a_run_is_recorded_to_its_end_or_refused_with_one_line(small_disk, run_recorded, caplog, capsys, kilobytes):
    runs = small_disk(f"{kilobytes}k") / "runs"
    try:
        run_recorded(runs)
    except RecordError:
        assert not [path for path in runs.iterdir() if path.name.isdecimal()]
        assert "Traceback" not in caplog.text
        assert capsys.readouterr().err == ""
    else:
        assert (read_run(runs / "1").status, read_run(runs / "1").damage) == ("COMPLETED", ())
        assert len(list(read_points(runs / "1" / "metrics.jsonl"))) == 2


def test_points_appended_before_the_disk_was_full_are_kept(small_disk):
    path = small_disk("64k") / "metrics.jsonl"
    journal, sizes = Journal(path), [0]

    def fill():
        for step in range(10_000):
            journal.append("a", step / 7, step)
            sizes.append(path.stat().st_size)

    with pytest.raises(OSError, match="No space left"):
        fill()

    assert journal.points > 500
    points = [(point.name, point.step, point.value) for point in read_points(path)]
    assert points == [("a", step, step / 7) for step in range(journal.points)]
    assert path.stat().st_size == sizes[-1]


def test_a_journal_continues_when_the_disk_has_space_again(small_disk):
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


def test_a_run_that_is_interrupted_while_its_end_is_written_is_recorded_as_interrupted(tmp_path, monkeypatch):
    """As by a second Ctrl-C, in a project that does not hold signals back."""
    experiment = Experiment("small", base_dir=str(tmp_path), save_git_info=False)
    experiment.observers.append(RunDirectoryObserver(tmp_path, copy_output=True))
    interrupted: list[int] = []

    def interrupt_once(*arguments):
        started = (tmp_path / "1").exists()
        if started and not interrupted and read_json(tmp_path / "1" / "run.json")["status"] == "COMPLETED":
            interrupted.append(1)
            raise KeyboardInterrupt

    monkeypatch.setattr("observers.directory.points.write_metrics", interrupt_once)

    @experiment.main
    def main():
        print("hello")

    with pytest.raises(KeyboardInterrupt):
        experiment.run()

    assert interrupted
    assert read_json(tmp_path / "1" / "run.json")["status"] == "INTERRUPTED"
    assert (tmp_path / "1" / "cout.txt").read_text() == "hello\n"


def test_an_info_that_cannot_be_converted_does_not_affect_the_rest(tmp_path, run_recorded):
    class Torn:
        def __getstate__(self):
            raise ValueError("on purpose")

    def inform(run):
        run.info["torn"] = Torn()

    run_recorded(tmp_path, body=inform)

    assert read_json(tmp_path / "1" / "info.json")["best_step"] == 20
    assert read_json(tmp_path / "1" / "run.json")["status"] == "COMPLETED"
