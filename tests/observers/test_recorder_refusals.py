"""What `record` and the runs that it records refuse, and how they end then."""

import os
import threading

import pytest
from sacred import Ingredient
from sacred.observers import FileStorageObserver

from observers import RecordError, record
from observers.directory.observer import RunDirectoryObserver
from observers.stored_runs.stored_run import read_run
from tests.observers.small_experiment import make_experiment, points


def test_an_unobserved_run_leaves_nothing(experiment, tmp_path):
    record(experiment, "runs")
    experiment.run(options={"--unobserved": True})

    assert not (tmp_path / "runs").exists()


def test_a_queued_run_is_refused_in_one_line(experiment, tmp_path, capsys):
    record(experiment, "runs")
    with pytest.raises(SystemExit) as ended:
        experiment.run_commandline(["small", "--queue"])

    assert ended.value.code == 1
    [line] = capsys.readouterr().err.strip().splitlines()
    assert line == "observers.RecordError: --queue records no run: start it without this option"
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("kind", [FileStorageObserver, RunDirectoryObserver])
def test_another_observer_of_the_same_directory_is_refused(experiment, tmp_path, kind):
    experiment.observers.append(kind(str(tmp_path / "runs")))
    record(experiment, "runs")
    with pytest.raises(RecordError, match=rf"has a {kind.__name__} for runs, too: remove it"):
        experiment.run()

    assert not (tmp_path / "runs" / "1").exists()


def test_the_exit_status_is_1_if_a_part_of_the_run_could_not_be_recorded(tmp_path, capsys):
    experiment = make_experiment(body=lambda run: run.add_artifact(tmp_path / "missing.bin"))
    record(experiment, tmp_path / "runs")
    with pytest.raises(SystemExit) as ended:
        experiment.run_commandline(["small"])

    assert ended.value.code == 1
    assert "missing.bin" in capsys.readouterr().err
    assert read_run(tmp_path / "runs" / "1").status == "COMPLETED"


@pytest.mark.parametrize("thing", [None, "example", Ingredient("data", base_dir="/", save_git_info=False)])
def test_what_has_no_runs_is_refused(thing):
    with pytest.raises(TypeError, match=r"record takes a sacred\.Experiment, not (NoneType|str|Ingredient)"):
        record(thing)


def test_a_wrong_address_is_refused_by_the_call_and_its_password_is_not_repeated(experiment):
    with pytest.raises(ValueError, match="names no database") as refused:
        record(experiment, mongo="mongodb://me:hunter2secret@localhost")

    assert "hunter2secret" not in str(refused.value)


def test_a_wrong_address_in_the_environment_is_refused_before_the_run_starts(experiment, monkeypatch, tmp_path):
    record(experiment, "runs")
    monkeypatch.setenv("MONGO_URL", "mongodb://localhost")
    with pytest.raises(RecordError, match="names no database"):
        experiment.run()

    assert not (tmp_path / "runs").exists()


def test_a_directory_that_the_system_refuses_is_told_in_one_line_with_what_to_do(experiment, capsys):
    record(experiment, "a" * 300)
    with pytest.raises(SystemExit) as ended:
        experiment.run_commandline(["small"])

    assert ended.value.code == 1
    assert capsys.readouterr().err.strip().endswith(": File name too long; choose a shorter name")


def test_a_second_thread_cannot_run_the_same_experiment(tmp_path):
    """Sacred would call the functions of the first run with the second one."""
    refusals: list[str] = []

    def be_refused():
        with pytest.raises(RecordError) as refusal:
            outer.run()
        refusals.append(str(refusal.value))

    def run_in_a_thread(run):
        thread = threading.Thread(target=be_refused)
        thread.start()
        thread.join()
        run.log_scalar("after", 1)

    outer = make_experiment(body=run_in_a_thread)
    record(outer, tmp_path / "runs")
    outer.run()

    assert "another thread runs 'small': give each thread an Experiment of its own" in refusals[0]
    assert [path.name for path in (tmp_path / "runs").glob("[0-9]*")] == ["1"]
    assert points(tmp_path / "runs" / "1")[-1] == ("after", 0, 1)


def in_a_fork(function):
    """Call a function in a fork of this process, and wait for its end."""
    pid = os.fork()
    if not pid:
        try:
            function()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def test_a_fork_returns_from_the_run_as_its_parent_does(tmp_path):
    pids: list[int] = []
    outer = make_experiment(body=lambda _: pids.append(os.fork()))
    record(outer, tmp_path / "runs")
    is_whole = False
    try:
        is_whole = outer.run().status == "COMPLETED"
    finally:
        if pids == [0]:
            os._exit(0 if is_whole else 1)
    _, status = os.waitpid(pids[0], 0)

    assert (status, read_run(tmp_path / "runs" / "1").status) == (0, "COMPLETED")


def test_a_fork_in_another_thread_can_run_the_experiment(tmp_path):
    def body(run):
        if os.getpid() == parent:
            thread = threading.Thread(target=in_a_fork, args=[outer.run])
            thread.start()
            thread.join()

    parent = os.getpid()
    outer = make_experiment(body=body)
    record(outer, tmp_path / "runs")
    outer.run()

    assert [read_run(tmp_path / "runs" / name).status for name in ("1", "2")] == ["COMPLETED", "COMPLETED"]


@pytest.mark.parametrize("end", ["completed_event", "failed_event", "interrupted_event"])
def test_a_fork_does_not_end_the_run_of_its_parent(tmp_path, end):
    """A fork of the main function that returns or raises comes to Sacred's end of the run."""
    statuses = []

    def fork(run):
        def end_and_join():
            for observer in run.observers:
                getattr(observer, end)(run.start_time, [])
                observer.join()

        run.log_scalar("before", 1)
        in_a_fork(end_and_join)
        statuses.append(read_run(tmp_path / "runs" / "1").status)

    outer = make_experiment(body=fork)
    record(outer, tmp_path / "runs", mongo="mongodb://127.0.0.1:9/runs?serverSelectionTimeoutMS=50")
    outer.run()

    assert statuses == ["RUNNING"]
    assert read_run(tmp_path / "runs" / "1").status == "COMPLETED"
    assert not list((tmp_path / "runs" / "1").glob(".metrics*"))


def test_a_fork_leaves_run_json_alone_and_says_so(tmp_path, capfd):
    (tmp_path / "words.txt").write_text("elf")

    def fork(run):
        in_a_fork(lambda: run.add_artifact(tmp_path / "words.txt"))
        in_a_fork(lambda: run.open_resource(str(tmp_path / "words.txt")).close())
        in_a_fork(lambda: run.log_scalar("of the fork", 3, 1))

    outer = make_experiment(body=fork)
    record(outer, tmp_path / "runs")
    outer.run()
    run = read_run(tmp_path / "runs" / "1")

    assert capfd.readouterr().err.count("is not recorded: a fork cannot write run.json") == 2
    assert (run.entry["artifacts"], run.entry["resources"], run.status) == ([], [], "COMPLETED")
    assert points(run.directory)[-1] == ("of the fork", 1, 3)
