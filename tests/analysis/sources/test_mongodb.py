import gc
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest
from incense.experiment import Experiment
from pymongo.monitoring import CommandListener

from analysis.sources import mongodb
from analysis.sources.mongodb import read_mongodb
from analysis.tables import table

pytestmark = pytest.mark.slow


class Finds(CommandListener):
    """Notes which collections are queried."""

    def __init__(self):
        self.collections = []

    def started(self, event):
        if event.command_name in ("find", "aggregate"):
            self.collections.append(event.command[event.command_name])

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.fixture
def stored(mongo_url):
    """Three runs with two metrics each, and metrics in a form of their own."""
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: Any = client.get_default_database()
        for number in (1, 2, 3):
            entry = {"status": "COMPLETED", "config": {}, "info": {"a": {"py/object": "os.system"}}, "artifacts": []}
            database.runs.insert_one({"_id": number, **entry})
            for name in ("train/loss", "test/loss"):
                points = {"steps": [1, 2], "values": [2.0, 1.0 * number]}
                database.metrics.insert_one({"run_id": number, "name": name, **points})
            database.metrics.insert_one({"run_id": number, "name": "strange", "values": 1})
        database.metrics.insert_one({"run_id": 9, "name": "left", "steps": [1], "values": [1]})
    return mongo_url


@pytest.mark.parametrize("access", [lambda run: run.metrics.last(), lambda run: dict(run.metrics)])
def test_one_query_reads_the_runs_and_one_all_their_metrics(stored, monkeypatch, access):
    finds = Finds()
    loader = mongodb._Loader
    monkeypatch.setattr(mongodb, "_Loader", lambda **options: loader(event_listeners=[finds], **options))
    read = [access(run) for run in read_mongodb(stored)]

    assert [set(each) for each in read] == [{"train/loss", "test/loss"}] * 3
    assert finds.collections == ["runs", "metrics"]


def test_runs_are_experiments_of_incense_and_nothing_stored_is_executed(stored):
    runs = read_mongodb(stored)

    assert all(type(run) is Experiment for run in runs)
    assert runs[0].info["a"]["py/object"] == "os.system"
    assert runs[2].metrics["test/loss"].to_dict() == {1: 2.0, 2: 3.0}
    assert runs[2].metrics.last() == {"train/loss": 3.0, "test/loss": 3.0}


def test_runs_are_read_afresh_each_time(stored):
    read_mongodb(stored)
    client: pymongo.MongoClient
    with pymongo.MongoClient(stored) as client:
        client.get_default_database().metrics.update_one(
            {"run_id": 1, "name": "test/loss"}, {"$push": {"steps": 3, "values": 7.0}}
        )

    assert read_mongodb(stored)[0].metrics.last()["test/loss"] == 7


def test_a_run_without_a_heartbeat_for_five_minutes_is_dead(mongo_url):
    now = datetime.now(UTC).replace(tzinfo=None)
    process = {"host": "elsewhere", "pid": 1}
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: Any = client.get_default_database().runs
        for number, minutes in ((1, 0), (2, 6)):
            sign = {"heartbeat": now - timedelta(minutes=minutes), "process": process}
            runs.insert_one({"_id": number, "status": "RUNNING", "config": {}, "info": {}, **sign})

    assert table(read_mongodb(mongo_url))["status"].tolist() == ["RUNNING", "DEAD"]


def test_one_metric_is_read_without_the_others(stored):
    runs = read_mongodb(stored)

    assert [run.metrics["test/loss"].iloc[-1] for run in runs] == [1.0, 2.0, 3.0]
    assert all(run.metrics._columns is None for run in runs)
    assert "strange" not in runs[0].metrics
    assert runs[0].to_dict()["config"] == {}


def test_a_document_that_lacks_what_incense_needs_takes_no_other_away(mongo_url):
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: Any = client.get_default_database().runs
        runs.insert_many(
            [{"_id": {"a": 1}, "status": "FAILED"}, {"_id": 2, "artifacts": None}, {"_id": 3, "config": 5}]
        )

    laid_out = table(read_mongodb(mongo_url))
    assert sorted(map(str, laid_out.index)) == ["2", "3", "{'a': 1}"]


def test_points_that_another_run_left_under_the_same_id_are_left_out(mongo_url):
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: Any = client.get_default_database()
        points = {"run_id": 1, "steps": [1], "values": [2.0]}
        linked = database.metrics.insert_one({**points, "name": "of an earlier version"}).inserted_id
        database.metrics.insert_many(
            [
                {**points, "name": "own", "uuid": "a"},
                {**points, "name": "left"},
                {**points, "name": "left", "uuid": "b"},
            ]
        )
        info = {"uuid": "a", "metrics": [{"name": "of an earlier version", "id": str(linked)}]}
        database.runs.insert_one({"_id": 1, "status": "COMPLETED", "config": {}, "info": info})
    [run] = read_mongodb(mongo_url)

    assert set(run.metrics) == {"own", "of an earlier version"}


def test_points_are_forgotten_with_their_runs(stored):
    client: pymongo.MongoClient
    with pymongo.MongoClient(stored) as client:
        metrics = mongodb._StoredMetrics(client.get_default_database(), {1: None})
        last = metrics.of_run(1)["test/loss"].iloc[-1]
    reference = weakref.ref(metrics)
    del metrics
    gc.collect()

    assert (last, reference()) == (1.0, None)
