"""Live delivery into a real MongoDB, by a real run."""

import signal
import socket
import threading
import time

import incense
import pytest

from observers.__main__ import main

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


def test_a_run_that_fails_is_stored_as_failed_with_all_its_points(mongo_url, tmp_path, run_recorded):
    def fail(run):
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        run_recorded(tmp_path, mongo_url, fail)
    [run] = loader(mongo_url).find_all()

    assert run.status == "FAILED"
    assert "on purpose" in run.fail_trace[-1]
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_a_run_whose_server_is_away_ends_at_once_and_says_what_waits(tmp_path, capsys, run_recorded):
    with socket.socket() as taken:  # bound, and never listening
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        run = run_recorded(tmp_path, f"mongodb://name:secret@127.0.0.1:{port}/zahlwort")

    assert run.status == "COMPLETED"
    message = capsys.readouterr().err
    assert "2 points and the end of this run wait for MongoDB" in message
    assert f" -m observers sync {tmp_path} -m mongodb://127.0.0.1:{port}/zahlwort delivers them" in message
    assert "secret" not in message
    assert (tmp_path / "1" / "metrics.json").exists()
    for thread in threading.enumerate():
        if thread.name == "delivery into MongoDB":
            thread.join(timeout=60)
    assert capsys.readouterr().err == ""


def test_what_a_stalled_server_has_not_taken_is_delivered_later_once_and_in_order(own_server, tmp_path, run_recorded):
    def stall_in_the_middle(run):
        time.sleep(1)  # for the first delivery; it does not matter how much of it is done
        own_server.send(signal.SIGSTOP)
        for step in range(100):
            run.log_scalar("validation/loss", step / 7, step)

    url = f"{own_server.url}/zahlwort"
    run_recorded(tmp_path, url, stall_in_the_middle)
    own_server.send(signal.SIGCONT)
    assert main(["sync", str(tmp_path), "-m", url]) == 0
    [run] = loader(url).find_all()

    assert run.status == "COMPLETED"
    assert run.metrics["validation/loss"].to_dict() == {step: step / 7 for step in range(100)}
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_a_server_that_is_killed_and_started_again_gets_every_point(own_server, tmp_path, run_recorded):
    def kill_in_the_middle(run):
        for step in range(3000):
            run.log_scalar("validation/loss", step / 7, step)
            if step in (500, 1500, 2500):
                time.sleep(0.3)
                own_server.kill()
                own_server.start()

    url = f"{own_server.url}/zahlwort"
    run_recorded(tmp_path, url, kill_in_the_middle)
    assert main(["sync", str(tmp_path), "-m", url]) == 0
    [run] = loader(url).find_all()

    assert run.metrics["validation/loss"].index.tolist() == list(range(3000))
    assert run.metrics["validation/loss"].tolist() == [step / 7 for step in range(3000)]
