"""What `record` and the runs that it records refuse, and how they end then."""

import pytest
from sacred import Ingredient
from sacred.observers import FileStorageObserver

from observers import RecordError, record
from observers.directory.observer import RunDirectoryObserver
from observers.stored_runs.stored_run import read_run
from tests.observers.small_experiment import make_experiment


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
