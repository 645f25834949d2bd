"""Files of a run that others remove, replace or cut while it goes on."""

import os
import threading

import pytest

from observers.directory.journal import Journal
from observers.directory.journal_reader import read_points
from observers.directory.metrics_file import restore_points, write_metrics
from observers.directory.observer import RunDirectoryObserver
from observers.stored_runs.stored_run import read_run
from tests.observers.directory.conftest import short
from tests.observers.directory.logged import experiment_with


@pytest.fixture
def disturbed(tmp_path, capsys):
    """Disturb a run after 20 of 40 points, once it has had a heartbeat; return it, its observer and its warnings."""

    def run(disturb, *, copy_output=True, beats=True):
        observer = RunDirectoryObserver(tmp_path / "runs", copy_output=copy_output)

        def body(run):
            for step in range(40):
                if step == 20:
                    print("before")
                    if beats:
                        run._emit_heartbeat()
                    disturb(observer.directory)
                run.log_scalar("train/loss", step / 7, step)
            print("after")

        experiment_with(observer, body=body).run()
        assert observer.directory is not None
        return read_run(observer.directory), observer, capsys.readouterr().err.splitlines()

    return run


def steps(run):
    return [point.step for point in read_points(run.journal)]


@pytest.mark.parametrize("beats", [True, False])
def test_a_journal_that_is_removed_is_written_again_with_every_point(disturbed, beats):
    run, observer, warnings = disturbed(lambda run: (run / "metrics.jsonl").unlink(), beats=beats)

    assert steps(run) == list(range(40))
    assert observer.unrecorded == []
    assert warnings == [f"{run.directory}: metrics.jsonl was removed while the run went on, and is written again"]


def test_a_file_that_replaces_the_journal_is_kept_under_another_name(disturbed):
    def replace(run):
        (run / "other").write_text("mine\n")
        (run / "other").replace(run / "metrics.jsonl")

    run, observer, [warning] = disturbed(replace)
    [aside] = run.directory.glob("metrics.replaced-*.jsonl")

    assert steps(run) == list(range(40))
    assert aside.read_text() == "mine\n"
    assert warning.endswith(f"metrics.jsonl was replaced while the run went on; the other file is now {aside.name}")
    assert observer.unrecorded == []


@pytest.mark.parametrize("size", [0, 100, 1000])
def test_points_that_are_cut_off_are_restored_from_the_metrics(disturbed, size):
    run, observer, warnings = disturbed(lambda run: os.truncate(run / "metrics.jsonl", size))

    assert steps(run) == list(range(40))
    assert warnings == [
        f"{run.directory}: metrics.jsonl was cut while the run went on, and is written again with all 40 points"
    ]
    assert observer.unrecorded == []


def test_points_that_are_lost_are_counted_and_none_is_invented(disturbed):
    def cut(run):
        os.truncate(run / "metrics.jsonl", 500)
        (run / "metrics.json").unlink()

    run, observer, warnings = disturbed(cut)

    assert steps(run) == [*range(5), *range(20, 40)]
    assert warnings == [f"{run.directory}: metrics.jsonl was cut while the run went on: 15 of 40 points are lost"]
    assert observer.unrecorded == ["metrics.jsonl"]


@pytest.mark.parametrize("name", ["run.json", "info.json", "config.json", "metrics.json", "cout.txt"])
@pytest.mark.parametrize("copy_output", [True, False])
def test_any_other_file_that_is_removed_is_written_again(disturbed, name, copy_output, monkeypatch):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no" if copy_output else "sys")
    run, observer, _ = disturbed(lambda run: (run / name).unlink(), copy_output=copy_output)

    assert (run.status, run.damage, observer.unrecorded) == ("COMPLETED", (), [])
    assert steps(run) == list(range(40))
    output = (run.directory / "cout.txt").read_text()
    assert [line for line in output.splitlines() if line in ("before", "after")] == ["before", "after"]


def test_output_that_is_cut_off_is_counted(disturbed):
    run, observer, [warning] = disturbed(lambda run: os.truncate(run / "cout.txt", 0))

    assert warning == f"{run.directory}: cout.txt was cut while the run went on: 7 bytes are lost"
    assert (run.directory / "cout.txt").read_text().startswith("after\n")
    assert observer.unrecorded == ["cout.txt"]


def test_a_point_behind_a_torn_one_in_the_same_line_is_kept(tmp_path, path, journal):
    for step in range(3):
        journal.append("a", step / 7, step)
    write_metrics(path, tmp_path / "metrics.json")
    os.truncate(path, path.stat().st_size - 5)
    journal.append("b", float("nan"), 9)

    assert restore_points(path, tmp_path / "metrics.json") == 4
    assert repr(short(read_points(path))) == repr(
        [("a", step, step / 7) for step in range(3)] + [("b", 9, float("nan"))]
    )


def test_eight_threads_without_steps_log_each_step_once(path):
    journal = Journal(path)
    together = threading.Barrier(8)

    def log():
        together.wait()
        for _ in range(2000):
            journal.append("a", 0.5)

    threads = [threading.Thread(target=log) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()

    assert [point.step for point in read_points(path)] == list(range(16_000))
