"""Runs in a real MongoDB, written by a real run."""

import socket

import incense
import pymongo
import pytest
from sacred import Experiment
from sacred.observers import FileStorageObserver

from observers.mongo import make_mongo_observer


def record(directory, address, fail=False):
    """Run a small experiment of Sacred's own, recorded in a directory and beside it in MongoDB."""
    experiment = Experiment("small", base_dir=directory, save_git_info=False)
    experiment.observers += [FileStorageObserver(directory), make_mongo_observer(address)]

    @experiment.config
    def config():
        hidden = 8  # noqa: F841

    @experiment.main
    def main(_run, hidden):
        _run.log_scalar("train/loss", 0.5, 10)
        _run.log_scalar("train/loss", 0.25, 20)
        _run.info["best_step"] = 20
        if fail:
            raise ValueError("on purpose")
        return 0.75

    return experiment.run()


def loader(url):
    address, _, database = url.rpartition("/")
    return incense.ExperimentLoader(mongo_uri=address, db_name=database)


def test_incense_finds_the_run_with_config_metrics_and_result(mongo_url, tmp_path):
    record(tmp_path, mongo_url)
    [run] = loader(mongo_url).find_all()

    assert run.id == 1
    assert run.status == "COMPLETED"
    assert run.config.hidden == 8
    assert run.result == 0.75
    assert run.info.best_step == 20
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_the_directory_and_the_database_each_have_an_id_of_their_own(mongo_url, tmp_path):
    for name in ("here", "here", "there"):
        (tmp_path / name).mkdir(exist_ok=True)
        record(tmp_path / name, mongo_url)

    assert [run.id for run in loader(mongo_url).find_all()] == [1, 2, 3]
    assert (tmp_path / "here" / "2").is_dir()
    assert (tmp_path / "there" / "1").is_dir()


def test_a_run_that_fails_is_stored_as_failed(mongo_url, tmp_path):
    with pytest.raises(ValueError, match="on purpose"):
        record(tmp_path, mongo_url, fail=True)
    [run] = loader(mongo_url).find_all()

    assert run.status == "FAILED"
    assert "on purpose" in run.fail_trace[-1]
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_a_server_that_is_not_there_leaves_the_recording_to_the_directory(tmp_path, capsys):
    with socket.socket() as taken:  # bound, and never listening
        taken.bind(("127.0.0.1", 0))
        run = record(tmp_path, f"mongodb://name:secret@127.0.0.1:{taken.getsockname()[1]}/zahlwort")

    assert run.status == "COMPLETED"
    message = capsys.readouterr().err
    assert "MongoDB does not answer, the directory alone records this run" in message
    assert "secret" not in message
    assert (tmp_path / "1" / "metrics.json").exists()


def test_sacreds_short_address_is_understood(mongo_url, tmp_path):
    host, _, database = mongo_url.removeprefix("mongodb://").rpartition("/")
    record(tmp_path, f"{host}:{database}")

    assert [run.id for run in loader(mongo_url).find_all()] == [1]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("foo:bar", "is no MongoDB address"),
        ("mongodb://localhost:27017", "names no database"),
        ("mongodb://localhost:27017/", "names no database"),
        ("mongodb://name:secret@localhost:port/runs", "cannot be used"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(address, message):
    with pytest.raises(ValueError, match=message) as raised:
        make_mongo_observer(address)

    assert "secret" not in str(raised.value)


def test_nothing_is_connected_to_before_a_run_starts():
    observer = make_mongo_observer("mongodb://127.0.0.1:9/runs")

    assert isinstance(observer.runs, pymongo.collection.Collection)
