"""What happens when two things happen at once, played in the order in which they do harm."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

import incense
import pymongo
import pytest
from sacred import Experiment

from observers import mongo
from observers.__main__ import main
from observers.database import read_address
from observers.files import read_json, write_json
from observers.mongo import LiveDeliveryObserver
from observers.process import is_alive, this_process
from observers.run_directory import RunDirectoryObserver
from observers.stored_runs import read_run
from observers.upkeep import reap


@pytest.mark.slow
def test_a_delivery_that_outlives_its_run_does_not_meddle_with_the_next(own_server, tmp_path, monkeypatch):
    """One observer serves two runs; the server stalls at the end of the first and goes on in the second."""
    monkeypatch.setattr(mongo, "_BEAT", 0.1)
    url = f"{own_server.url}/zahlwort"
    directory = RunDirectoryObserver(tmp_path)
    experiment = Experiment("small", base_dir=str(tmp_path), save_git_info=False)
    experiment.observers += [directory, LiveDeliveryObserver(directory, read_address(url))]
    experiment.add_config(stall=False)

    @experiment.pre_run_hook
    def at_once(_run):
        directory.take_points(_run)

    @experiment.main
    def log(_run, stall):
        for step in range(20_000):
            _run.log_scalar("a", step / 7, step)
            if stall and step == 10_000:
                time.sleep(0.5)
                own_server.send(signal.SIGSTOP)
            if not stall and step % 1000 == 0:
                time.sleep(0.05)

    experiment.run(config_updates={"stall": True})
    own_server.send(signal.SIGCONT)
    experiment.run(config_updates={"stall": False})
    assert main(["sync", str(tmp_path), "-m", url]) == 0
    runs = incense.ExperimentLoader(mongo_uri=own_server.url, db_name="zahlwort").find_all()

    assert [run.status for run in runs] == ["COMPLETED", "COMPLETED"]
    for run in runs:
        assert run.metrics["a"].index.tolist() == list(range(20_000))


def test_a_run_that_ends_while_it_is_looked_at_is_not_declared_dead(tmp_path, run_recorded, monkeypatch):
    run_recorded(tmp_path)
    path = tmp_path / "1" / "run.json"
    completed = read_json(path)
    write_json(path, {**completed, "status": "RUNNING", "process": {**completed["process"], "started": 1}})

    def end_meanwhile(*arguments):
        write_json(path, completed)

    monkeypatch.setattr("observers.upkeep.write_metrics", end_meanwhile)

    assert list(reap(tmp_path, None, pytest.fail)) == []
    assert read_json(path)["status"] == "COMPLETED"


def test_reap_takes_no_artifact_away(tmp_path, run_recorded):
    source = tmp_path / "source"
    source.write_text("a=1")
    run_recorded(tmp_path / "runs", body=lambda run: run.add_artifact(source, ".env"))
    path = tmp_path / "runs" / "1" / "run.json"
    entry = read_json(path)
    write_json(path, {**entry, "status": "RUNNING", "process": {**entry["process"], "started": 1}})

    assert list(reap(tmp_path / "runs", None, pytest.fail)) == [str(tmp_path / "runs" / "1")]
    assert (tmp_path / "runs" / "1" / ".env").read_text() == "a=1"


@pytest.mark.slow
def test_a_run_whose_end_waits_for_mongodb_is_not_declared_dead_there(tmp_path, mongo_url, run_recorded):
    run_recorded(tmp_path)
    path = tmp_path / "1" / "run.json"
    completed = read_json(path)
    gone = {**completed["process"], "started": 1}
    write_json(path, {**completed, "status": "RUNNING", "heartbeat": completed["start_time"]})
    main(["sync", str(tmp_path), "-m", mongo_url])
    write_json(path, {**completed, "process": gone})
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: Any = client.get_default_database().runs
        runs.update_one({}, {"$set": {"process": gone}})

        assert main(["reap", str(tmp_path), "-m", mongo_url]) == 0
        assert [run["status"] for run in runs.find()] == ["COMPLETED"]


@pytest.mark.slow
def test_text_that_is_no_unicode_keeps_nothing_else_from_mongodb(tmp_path, mongo_url, run_recorded, capsys):
    def body(run):
        run.info["file"] = os.fsdecode(b"gr\xfcn.txt")
        run.log_scalar(os.fsdecode(b"\xfc"), 1.0, 1)

    run_recorded(tmp_path, mongo_url, body)
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: list[Any] = list(client.get_default_database().runs.find())

    [run] = runs
    assert run["status"] == "COMPLETED"
    assert "gr" in str(run["info"])
    assert {metric["name"] for metric in run["info"]["metrics"]} == {"train/loss"}
    assert "is delivered as text" in capsys.readouterr().err


def test_a_run_that_is_interrupted_while_its_end_is_written_is_not_left_running(tmp_path, monkeypatch):
    """As by an impatient Ctrl-C, in a project that does not hold signals back."""
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")
    experiment = Experiment("small", base_dir=str(tmp_path), save_git_info=False)
    experiment.observers.append(RunDirectoryObserver(tmp_path, copy_output=True))
    interrupted: list[int] = []

    def interrupt_once(*arguments):
        if not interrupted and read_json(tmp_path / "1" / "run.json")["status"] == "COMPLETED":
            interrupted.append(1)
            raise KeyboardInterrupt

    monkeypatch.setattr("observers.run_directory.write_metrics", interrupt_once)

    @experiment.main
    def main():
        print("hello")

    with pytest.raises(KeyboardInterrupt):
        experiment.run()

    assert interrupted
    assert read_json(tmp_path / "1" / "run.json")["status"] == "INTERRUPTED"
    assert (tmp_path / "1" / "cout.txt").read_text() == "hello\n"


START = """
import os
from sacred import Experiment
from observers import run_directory

run_directory.Journal = lambda path: os._exit(9)
experiment = Experiment("small", save_git_info=False)
experiment.observers.append(run_directory.RunDirectoryObserver("runs"))


@experiment.main
def main():
    pass


experiment.run()
"""


def test_a_run_that_is_killed_while_it_starts_can_be_told_dead(tmp_path):
    (tmp_path / "start.py").write_text(START)
    done = subprocess.run([sys.executable, "start.py"], cwd=tmp_path, capture_output=True)
    said: list[str] = []

    assert done.returncode == 9
    assert read_run(tmp_path / "runs" / "1").status == "RUNNING"
    assert list(reap(tmp_path / "runs", None, said.append)) == [str(tmp_path / "runs" / "1")]


def test_a_process_that_cannot_be_seen_is_not_taken_for_dead(tmp_path, monkeypatch):
    """As where /proc hides the processes of others."""
    monkeypatch.setattr("observers.process._place", lambda: {"hostname": "a", "boot": "b", "namespace": "c"})
    process = {**this_process(), "hostname": "a", "boot": "b", "namespace": "c"}
    assert is_alive(process) is True
    monkeypatch.setattr("observers.process._PROC", tmp_path)

    assert is_alive(process) is None
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert is_alive({**process, "pid": ended.pid}) is False
