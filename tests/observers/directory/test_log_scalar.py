"""Points reach every observer of a run once and in order."""

import threading
from typing import Any

import pymongo
import pytest
from sacred.observers import FileStorageObserver, MongoObserver, RunObserver

from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver
from observers.mongodb.address import read_address
from observers.mongodb.live import LiveDeliveryObserver
from tests.observers.directory.logged import LOGGED, Collector, by_name, experiment_with, journal, log, metrics_json


def test_a_point_is_in_the_journal_when_log_scalar_returns(tmp_path):
    seen = []

    def look(run):
        run.log_scalar("a", 0.5, 10)
        seen.append(journal(tmp_path / "1"))

    experiment_with(RunDirectoryObserver(tmp_path), body=look).run()

    assert seen == [{"a": [(10, 0.5)]}]


def test_a_thread_that_logs_beyond_the_end_is_told_so_and_metrics_json_lacks_no_point(tmp_path):
    errors = []

    def log_for_ever(run):
        try:
            while True:
                run.log_scalar("a", 0.5)
        except OSError as error:
            errors.append(error.strerror)

    threads = []

    def start(run):
        threads.append(threading.Thread(target=log_for_ever, args=[run]))
        threads[0].start()

    experiment_with(RunDirectoryObserver(tmp_path), body=start).run()
    threads[0].join()

    assert errors == ["the run has ended, and takes no more points"]
    assert len(metrics_json(tmp_path / "1")["a"]) == len(journal(tmp_path / "1")["a"]) > 0


def test_without_other_observers_log_scalar_is_that_of_the_journal(tmp_path, monkeypatch):
    """So that a training pays for nothing else."""
    monkeypatch.setattr("observers.mongodb.delivery_thread._TIMEOUT", 0.1)
    observer = RunDirectoryObserver(tmp_path)
    functions = []
    address = read_address("mongodb://127.0.0.1:9/runs")
    body = lambda run: functions.append(run.log_scalar)  # noqa: E731
    experiment_with(observer, RunObserver(), LiveDeliveryObserver(observer, address), body=body).run()

    assert functions == [observer.recording.points.journal.append]


@pytest.mark.parametrize("names", [("metric_name", "value", "step"), ("metric_name", "value")])
@pytest.mark.parametrize("others", [0, 1])
def test_log_scalar_keeps_the_parameter_names_of_sacred(tmp_path, names, others):
    values = {"metric_name": "a", "value": 0.5, "step": 0}
    body = lambda run: run.log_scalar(**{name: values[name] for name in names})  # noqa: E731
    experiment_with(RunDirectoryObserver(tmp_path), *[Collector() for _ in range(others)], body=body).run()

    assert journal(tmp_path / "1") == {"a": [(0, 0.5)]}


def test_points_reach_sacreds_own_observer_of_a_directory_as_well(tmp_path):
    ours, sacreds = RunDirectoryObserver(tmp_path / "ours"), FileStorageObserver(tmp_path / "sacreds")
    experiment_with(ours, sacreds, body=log).run()

    assert journal(tmp_path / "ours" / "1") == metrics_json(tmp_path / "ours" / "1") == LOGGED
    assert metrics_json(tmp_path / "sacreds" / "1") == LOGGED


@pytest.mark.slow
def test_points_reach_sacreds_own_observer_of_mongodb_as_well(tmp_path, mongo_url):
    """Which chooses the id of the run, and with it the name of the directory."""
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: Any = client.get_default_database()
        database.runs.insert_one({"_id": 41})
        sacreds = MongoObserver(client=client, db_name=database.name)
        experiment_with(RunDirectoryObserver(tmp_path), sacreds, body=log).run()
        stored = {
            metric["name"]: list(zip(metric["steps"], metric["values"], strict=True))
            for metric in database.metrics.find({"run_id": 42})
        }

    assert journal(tmp_path / "42") == LOGGED
    assert stored == LOGGED


@pytest.mark.usefixtures("patient_delivery")
@pytest.mark.slow
def test_points_reach_sacreds_observers_beside_a_live_delivery(tmp_path, mongo_url):
    ours, other = RunDirectoryObserver(tmp_path), Collector()
    live = LiveDeliveryObserver(ours, read_address(mongo_url))
    experiment_with(live, other, ours, body=log).run()
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: Any = client.get_default_database()
        stored = {
            metric["name"]: list(zip(metric["steps"], metric["values"], strict=True))
            for metric in database.metrics.find()
        }

    assert journal(tmp_path / "1") == by_name(other.points) == stored == LOGGED


@pytest.mark.parametrize("others", [0, 1])
def test_points_logged_before_come_first_and_once(tmp_path, monkeypatch, others):
    """By a hook that runs earlier; their steps are counted on."""
    monkeypatch.setattr("observers.directory.observer.attach_to_starting_run", lambda _: None)
    collectors = [Collector() for _ in range(others)]
    observers = (RunDirectoryObserver(tmp_path), *collectors)
    experiment_with(*observers, body=log, hooks=(log, log_points_at_once)).run()

    logged = {"a": LOGGED["a"] + [(22, 0.0), (23, 0.5), (24, 1.0), (20, 7.0), (21, 8.0)], "b": 2 * LOGGED["b"]}
    assert journal(tmp_path / "1") == logged
    assert [by_name(collector.points) for collector in collectors] == others * [logged]


def test_a_point_that_the_journal_refuses_reaches_no_observer(tmp_path):
    other = Collector()

    def log_wrongly(run):
        with pytest.raises(ValueError, match="step='x' is not a number"):
            run.log_scalar("a", 0.5, "x")
        run.log_scalar("a", 0.5)

    experiment_with(RunDirectoryObserver(tmp_path), other, body=log_wrongly).run()

    assert journal(tmp_path / "1") == by_name(other.points) == {"a": [(0, 0.5)]}


def test_an_unobserved_run_keeps_its_log_scalar():
    functions = []
    experiment_with(body=lambda run: functions.append(run.log_scalar)).run()

    assert functions[0].__func__.__qualname__ == "Run.log_scalar"


@pytest.mark.parametrize("others", [0, 1])
def test_nobody_has_to_ask_for_it(tmp_path, others):
    seen: list[Any] = []

    def look(run):
        run.log_scalar("a", 0.5, 10)
        seen.extend(journal(tmp_path / name / "1") for name in "xy")

    directories = [RunDirectoryObserver(tmp_path / name) for name in "xy"]
    collectors = [Collector() for _ in range(others)]
    experiment_with(directories[0], *collectors, directories[1], body=look, hooks=()).run()

    assert seen == [{"a": [(10, 0.5)]}] * 2
    assert [collector.points for collector in collectors] == [[("a", 10, 0.5)]] * others


def test_each_run_of_an_observer_writes_its_points_at_once(tmp_path):
    seen = []

    def look(run):
        run.log_scalar("a", 0.5, 10)
        seen.append(journal(tmp_path / run._id))

    experiment = experiment_with(RunDirectoryObserver(tmp_path), body=look, hooks=())
    for _ in range(2):
        experiment.run()

    assert seen == [{"a": [(10, 0.5)]}] * 2


def test_an_observer_that_is_not_called_by_a_run_takes_points_from_heartbeats(tmp_path):
    class Outer(RunObserver):
        """Hands its events to another observer."""

        def __init__(self, inner):
            self.inner = inner

        def __getattribute__(self, name):
            return getattr(object.__getattribute__(self, "inner"), name)

    experiment_with(Outer(RunDirectoryObserver(tmp_path)), body=log, hooks=()).run()

    assert journal(tmp_path / "1") == LOGGED
