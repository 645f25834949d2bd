"""Live delivery into a real MongoDB, by a real run."""

import os
import re
import shlex
import signal
import socket
import threading
import time
from typing import Any

import incense
import pymongo
import pytest
from sacred import Experiment

from observers.__main__ import main
from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver
from observers.mongodb import delivery_thread
from observers.mongodb.address import read_address
from observers.mongodb.live import LiveDeliveryObserver

pytestmark = pytest.mark.slow


def loader(url):
    address, _, database = url.rpartition("/")
    return incense.ExperimentLoader(mongo_uri=address, db_name=database)


def await_delivery(url, **wanted):
    """Wait until the database has a run document."""
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        runs: Any = client.get_default_database().runs
        deadline = time.monotonic() + 30
        while not runs.count_documents(wanted):
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.mark.usefixtures("patient_delivery")
def test_incense_finds_the_run_with_config_metrics_and_result(mongo_url, tmp_path, run_recorded):
    run_recorded(tmp_path, mongo_url)
    [run] = loader(mongo_url).find_all()

    assert run.id == 1
    assert run.status == "COMPLETED"
    assert run.config.hidden == 8
    assert run.result == 0.75
    assert run.info.best_step == 20
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


@pytest.mark.usefixtures("patient_delivery")
def test_the_directory_and_the_database_count_their_own_ids(mongo_url, tmp_path, run_recorded):
    for name in ("here", "here", "there"):
        (tmp_path / name).mkdir(exist_ok=True)
        run_recorded(tmp_path / name, mongo_url)

    assert [run.id for run in loader(mongo_url).find_all()] == [1, 2, 3]
    assert (tmp_path / "here" / "2").is_dir()
    assert (tmp_path / "there" / "1").is_dir()


@pytest.mark.usefixtures("patient_delivery")
def test_a_run_that_fails_is_delivered_as_failed_with_all_points(mongo_url, tmp_path, run_recorded):
    def fail(run):
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        run_recorded(tmp_path, mongo_url, fail)
    [run] = loader(mongo_url).find_all()

    assert run.status == "FAILED"
    assert "on purpose" in run.fail_trace[-1]
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


@pytest.mark.usefixtures("patient_delivery")
def test_text_that_is_not_unicode_does_not_keep_the_rest_from_mongodb(tmp_path, mongo_url, run_recorded, capsys):
    def body(run):
        run.info["file"] = os.fsdecode(b"gr\xfcn.txt")

    run_recorded(tmp_path, mongo_url, body)
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: list[Any] = list(client.get_default_database().runs.find())

    [run] = runs
    assert run["status"] == "COMPLETED"
    assert "gr" in str(run["info"])
    assert {metric["name"] for metric in run["info"]["metrics"]} == {"train/loss"}
    assert capsys.readouterr().err == ""


def test_a_run_without_a_server_ends_at_once_and_prints_how_to_deliver_it(tmp_path, capsys, run_recorded, monkeypatch):
    monkeypatch.setattr(delivery_thread, "_TIMEOUT", 8.0)
    with socket.socket() as taken:  # bound, and never listening
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        start = time.monotonic()
        run = run_recorded(tmp_path, f"mongodb://name:secret@127.0.0.1:{port}/zahlwort")
        seconds = time.monotonic() - start

    assert run.status == "COMPLETED"
    assert seconds < 6  # and does not wait for this delivery to fail
    message = capsys.readouterr().err
    reason = "(connection refused: start the server, or correct host and port)"
    assert f"2 points and the end of this run are not in MongoDB yet {reason}" in message
    assert (
        f"; set MONGO_URL to the address of 127.0.0.1:{port}/zahlwort, with its user and password, to deliver"
        in message
    )
    assert message.endswith(f" -m observers sync {tmp_path}\n")
    assert "secret" not in message
    assert (tmp_path / "1" / "metrics.json").exists()
    for thread in threading.enumerate():
        if thread.name == "delivery into MongoDB":
            thread.join(timeout=60)
    assert capsys.readouterr().err == ""


def test_a_run_does_not_wait_for_a_long_delivery_that_sync_can_finish(
    tmp_path, capsys, run_recorded, mongo_url, monkeypatch
):
    """The server answers all the time."""
    monkeypatch.setattr(delivery_thread, "_LONGEST_WAIT", 0.0)

    def log(run):
        for step in range(60_000):
            run.log_scalar("a", step / 7, step)

    run_recorded(tmp_path, mongo_url, log)
    [line] = capsys.readouterr().err.splitlines()
    for thread in threading.enumerate():
        if thread.name == "delivery into MongoDB":
            thread.join(timeout=60)

    assert re.search("the end of this run (is not in MongoDB yet; to deliver it|are not .* to deliver them): ", line)
    assert main(["sync", str(tmp_path), "-m", mongo_url]) == 0
    [run] = loader(mongo_url).find_all()
    assert run.metrics["a"].index.tolist() == list(range(60_000))


def test_an_error_on_this_side_is_not_told_as_one_of_mongodb(tmp_path, mongo_url, capsys):
    delivery = delivery_thread.DeliveryThread(tmp_path / "1", read_address(mongo_url))
    delivery.deliver_soon(run_ended=True)
    delivery.run()

    reason = "the run cannot be delivered into MongoDB (run.json is missing)"
    assert capsys.readouterr().err == f"{reason}; it is recorded in {tmp_path / '1'}\n"


def test_points_that_a_stalled_server_missed_are_delivered_later_once_and_in_order(own_server, tmp_path, run_recorded):
    url = f"{own_server.url}/zahlwort"

    def stall(run):
        await_delivery(url)
        own_server.send(signal.SIGSTOP)
        for step in range(100):
            run.log_scalar("validation/loss", step / 7, step)

    run_recorded(tmp_path, url, stall)
    own_server.send(signal.SIGCONT)
    assert main(["sync", str(tmp_path), "-m", url]) == 0
    [run] = loader(url).find_all()

    assert run.status == "COMPLETED"
    assert run.metrics["validation/loss"].to_dict() == {step: step / 7 for step in range(100)}
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_a_server_that_is_killed_and_restarted_gets_every_point(own_server, tmp_path, run_recorded, monkeypatch):
    monkeypatch.setattr(delivery_thread, "_INTERVAL", 0.05)
    url = f"{own_server.url}/zahlwort"

    def kill(run):
        await_delivery(url)
        for step in range(3000):
            run.log_scalar("validation/loss", step / 7, step)
            if step in (500, 1500, 2500):
                time.sleep(0.1)  # while a delivery may be under way
                own_server.kill()
                own_server.start()

    run_recorded(tmp_path, url, kill)
    assert main(["sync", str(tmp_path), "-m", url]) == 0
    [run] = loader(url).find_all()

    assert run.metrics["validation/loss"].index.tolist() == list(range(3000))
    assert run.metrics["validation/loss"].tolist() == [step / 7 for step in range(3000)]


def test_a_delivery_that_outlives_its_run_does_not_affect_the_next_run(own_server, tmp_path, monkeypatch):
    """One observer records two runs. The server stalls at the end of the first, and continues during the second."""
    monkeypatch.setattr(delivery_thread, "_INTERVAL", 0.1)
    monkeypatch.setattr(delivery_thread, "_LAST_TIMEOUT", 0.5)
    url = f"{own_server.url}/zahlwort"
    directory = RunDirectoryObserver(tmp_path)
    experiment = Experiment("small", base_dir=str(tmp_path), save_git_info=False)
    experiment.observers += [directory, LiveDeliveryObserver(directory, read_address(url))]
    experiment.add_config(stall=False)

    @experiment.pre_run_hook
    def at_once(_run):
        log_points_at_once(_run)

    @experiment.main
    def log(_run, stall):
        for step in range(20_000):
            _run.log_scalar("a", step / 7, step)
            if stall and step == 10_000:
                await_delivery(url)
                own_server.send(signal.SIGSTOP)
            if not stall and step % 1000 == 0:
                time.sleep(0.05)

    experiment.run(config_updates={"stall": True})
    own_server.send(signal.SIGCONT)
    experiment.run(config_updates={"stall": False})
    assert main(["sync", str(tmp_path), "-m", url]) == 0
    runs = loader(url).find_all()

    assert [run.status for run in runs] == ["COMPLETED", "COMPLETED"]
    for run in runs:
        assert run.metrics["a"].index.tolist() == list(range(20_000))


def test_the_printed_address_of_a_server_that_is_away_is_whole(tmp_path, capsys, run_recorded):
    address = "mongodb://127.0.0.1:9/zahlwort?authSource=admin&replicaSet=a&tls=true"
    run_recorded(tmp_path, address)
    command = capsys.readouterr().err.partition("to deliver them: ")[2]

    assert shlex.split(command)[-2:] == ["-m", address]


def test_the_printed_command_needs_no_address_if_the_variable_has_it(tmp_path, capsys, run_recorded, monkeypatch):
    monkeypatch.setenv("MONGO_URL", "mongodb://name:secret@127.0.0.1:9/zahlwort")
    run_recorded(tmp_path, "mongodb://name:secret@127.0.0.1:9/zahlwort")

    message = capsys.readouterr().err
    assert "; to deliver them: " in message
    assert message.endswith(f" -m observers sync {tmp_path}\n")
