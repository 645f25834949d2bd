"""Runs in a real MongoDB, written by a real run."""

import socket

import incense
import pytest

from observers.mongo import make_mongo_observer

pytestmark = pytest.mark.slow


def loader(url):
    address, _, database = url.rpartition("/")
    return incense.ExperimentLoader(mongo_uri=address, db_name=database)


def test_incense_finds_the_run_with_config_metrics_and_result(mongo_url, tmp_path, run_recorded):
    run_recorded(tmp_path, mongo_url)
    [run] = loader(mongo_url).find_all()

    assert run.id == 1
    assert run.status == "COMPLETED"
    assert run.config.hidden == 8
    assert run.result == 0.75
    assert run.info.best_step == 20
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_the_directory_and_the_database_each_have_an_id_of_their_own(mongo_url, tmp_path, run_recorded):
    for name in ("here", "here", "there"):
        (tmp_path / name).mkdir(exist_ok=True)
        run_recorded(tmp_path / name, mongo_url)

    assert [run.id for run in loader(mongo_url).find_all()] == [1, 2, 3]
    assert (tmp_path / "here" / "2").is_dir()
    assert (tmp_path / "there" / "1").is_dir()


def test_a_run_that_fails_is_stored_as_failed(mongo_url, tmp_path, run_recorded):
    with pytest.raises(ValueError, match="on purpose"):
        run_recorded(tmp_path, mongo_url, fail=True)
    [run] = loader(mongo_url).find_all()

    assert run.status == "FAILED"
    assert "on purpose" in run.fail_trace[-1]
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_a_server_that_is_not_there_leaves_the_recording_to_the_directory(tmp_path, capsys, run_recorded):
    with socket.socket() as taken:  # bound, and never listening
        taken.bind(("127.0.0.1", 0))
        run = run_recorded(tmp_path, f"mongodb://name:secret@127.0.0.1:{taken.getsockname()[1]}/zahlwort")

    assert run.status == "COMPLETED"
    message = capsys.readouterr().err
    assert "MongoDB does not answer" in message
    assert "the directory alone records this run" in message
    assert "secret" not in message
    assert (tmp_path / "1" / "metrics.json").exists()


def test_sacreds_short_address_is_understood(mongo_url, tmp_path, run_recorded):
    host, _, database = mongo_url.removeprefix("mongodb://").rpartition("/")
    run_recorded(tmp_path, f"{host}:{database}")

    assert [run.id for run in loader(mongo_url).find_all()] == [1]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("foo:bar", "cannot be read"),
        ("name:secret@localhost:27017/runs", "cannot be read"),
        ("MongoDB://name:secret@localhost:27017/runs", "cannot be read"),
        ("mongodb://localhost:27017", "names no database"),
        ("mongodb://localhost:27017/", "names no database"),
        ("mongodb://name:secret@localhost:port/runs", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(address, message):
    with pytest.raises(ValueError, match=message) as raised:
        make_mongo_observer(address)

    assert "secret" not in str(raised.value)


def test_nothing_is_connected_to_before_a_run_starts():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(2)
        make_mongo_observer(f"mongodb://127.0.0.1:{server.getsockname()[1]}/runs")
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_that_cannot_be_looked_up_stops_no_run(tmp_path, capsys, run_recorded):
    run = run_recorded(tmp_path, "mongodb+srv://name:secret@no-such.invalid/runs")

    assert run.status == "COMPLETED"
    message = capsys.readouterr().err
    assert "MongoDB does not answer" in message
    assert "secret" not in message
