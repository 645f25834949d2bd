"""A database that others write to, damage, restore, or give few rights to."""

import math
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymongo

from tests.benchmarks.disturbed.place import Place, make_place
from tests.benchmarks.measuring.tally import Tally, Try, thin, try_all
from tests.observers.directory.small_run import POINTS

Database = Any
RUNS = 3
_SECONDS = 60.0  # that a command takes at most
_IDS = (1e30, math.inf, -math.inf, 2**63 - 1, -1, 0, "text", {"a": 1}, 1.5, 2, True)
_INFOS: tuple[Any, ...] = (None, 7, [], {"uuid": 7}, {"uuid": {"a": 1}}, {"metrics": 7})
_COLLECTIONS = ("runs", "metrics", "fs.files", "fs.chunks", "run_ids")


def foreign_database(server: str, scale: float) -> Iterator[Tally]:
    """Deliver into a database with documents and indexes of others, and into one that lost or changed some."""
    with tempfile.TemporaryDirectory() as directory:
        original = Place(Path(directory), f"{server}/unused")
        original.record(RUNS)
        for fault, attempt, names in (
            ("documents of other tools are in the database", try_foreign, list(_FOREIGN)),
            ("a unique index of somebody else refuses runs, until it is dropped", try_index, list(_INDEXES)),
            ("a part of a run is lost or changed in MongoDB", try_loss, list(_LOSSES)),
        ):
            yield Tally(fault, try_all(attempt, [(server, original.runs, name) for name in thin(names, scale)]))


def try_foreign(server: str, original: Path, name: str) -> Try:
    """Deliver beside foreign documents, which must stay as they are."""
    with make_place(server, original) as place, _opened(place) as client:
        attempt, database = Try("every run whole, nothing of others changed", logged=RUNS * POINTS), _of(client)
        for collection, document in _FOREIGN[name]:
            database[collection].insert_one(dict(document))
        before = {each: list(database[each].find()) for each in ("runs", "metrics", "fs.files")}
        place.sync_and_expect_all(attempt)
        for command in (("reap",), ("list",), ("sync", "--verify")):
            ended = place.run(*command)
            attempt.expect(ended.status == 0 and "Traceback" not in ended.printed, f"{command}: {ended.printed}")
            attempt.expect(ended.seconds < _SECONDS, f"{command} takes {ended.seconds:.0f} s")
        for each, documents in before.items():
            now = [database[each].find_one({"_id": document["_id"]}) for document in documents]
            same = repr(now) == repr(documents)
            attempt.expect(same, f"{name}: a document of another tool in {each} has changed")
        return _named(attempt, name)


def try_index(server: str, original: Path, name: str) -> Try:
    """Deliver in spite of an index, which ends in lines; without it every run is delivered."""
    with make_place(server, original) as place, _opened(place) as client:
        attempt, database = Try("told, then every run whole", logged=RUNS * POINTS), _of(client)
        collection, key = _INDEXES[name]
        database[collection].create_index(key, unique=True)
        synced = place.run("sync")
        attempt.expect(synced.status == 1 and "unique index" in synced.printed, f"sync: {synced.printed}")
        attempt.expect(synced.seconds < _SECONDS, f"sync takes {synced.seconds:.0f} s")
        attempt.expect("Traceback" not in synced.printed, synced.printed)
        listed = place.run("list").printed
        attempt.expect(listed.count(": all") < RUNS, f"list says all: {listed}")
        database[collection].drop_index([(key, 1)])
        place.sync_and_expect_all(attempt)
        return _named(attempt, name)


def try_loss(server: str, original: Path, name: str) -> Try:
    """Lose or change something, and have it repaired."""
    with make_place(server, original) as place, _opened(place) as client:
        attempt, database = Try("repaired by `sync` or `sync --verify`", logged=RUNS * POINTS), _of(client)
        place.run("sync")
        _LOSSES[name](database)
        if not name.startswith("changed"):
            listed = place.run("list").printed
            attempt.expect(listed.count(": all") < RUNS, f"list says all: {listed}")
            place.sync_and_expect_all(attempt)
        else:
            verified = place.run("sync", "--verify")
            attempt.expect(verified.status == 0, verified.printed)
            place.expect_all_delivered(attempt)
        again = place.run("sync", "--verify").printed
        attempt.expect(f"{RUNS} runs were there before, with the same contents" in again, again)
        return _named(attempt, name)


def _named(attempt: Try, name: str) -> Try:
    attempt.problems[:] = [f"{name}: {problem}" for problem in attempt.problems]
    return attempt


def _opened(place: Place) -> pymongo.MongoClient:
    return pymongo.MongoClient(place.url)


def _of(client: pymongo.MongoClient) -> Database:
    return client.get_default_database()


_FOREIGN: dict[str, list[tuple[str, dict[str, Any]]]] = {
    **{f"_id {each!r}": [("runs", {"_id": each, "status": "QUEUED", "info": {}})] for each in _IDS},
    **{f"info {each!r}": [("runs", {"info": each, "status": "COMPLETED"})] for each in _INFOS},
    "a run without anything": [("runs", {})],
    "artifacts and sources of another form": [("runs", {"artifacts": 7, "experiment": [7]})],
    "metrics of Sacred's observer": [
        ("metrics", {"run_id": number, "name": "train/loss", "steps": [7], "values": [7.0], "timestamps": []})
        for number in (1, 2, 3)
    ],
    "metrics of a deleted run": [("metrics", {"run_id": 1, "uuid": "gone", "name": "train/loss", "steps": [7]})],
    "metrics of a strange id": [("metrics", {"run_id": 1e30}), ("metrics", {"run_id": {"a": 1}, "name": 7})],
    "files of another tool": [("fs.files", {"filename": "small_run.py", "md5": "0", "length": 7, "chunkSize": 7})],
}
_INDEXES = {
    "on the experiment": ("runs", "experiment.name"),
    "on the host": ("runs", "host.hostname"),
    "on the format": ("runs", "format"),
    "on the names of metrics": ("metrics", "name"),
}
_LOSSES: dict[str, Callable[[Database], Any]] = {
    "lost documents": lambda database: database.runs.delete_one({"_id": 2}),
    "lost metrics": lambda database: database.metrics.delete_one({"run_id": 2}),
    "lost values": lambda database: database.metrics.update_one({"run_id": 2}, {"$set": {"values": []}}),
    "lost steps": lambda database: database.metrics.update_one({"run_id": 2}, {"$unset": {"steps": 1}}),
    "lost last points": lambda database: database.metrics.update_one(
        {"run_id": 2}, {"$pop": {"steps": 1, "values": 1, "timestamps": 1}}
    ),
    "lost chunks": lambda database: database["fs.chunks"].delete_many({}),
    "lost chunk": lambda database: database["fs.chunks"].delete_one({"n": 1}),
    "lost files": lambda database: database["fs.files"].delete_many({}),
    "lost collections": lambda database: [database[name].drop() for name in _COLLECTIONS[1:4]],
    "lost database": lambda database: database.client.drop_database(database),
    "changed values": lambda database: database.metrics.update_one({"run_id": 2}, {"$set": {"values.3": 99.0}}),
    "changed chunk": lambda database: database["fs.chunks"].update_one({"n": 1}, {"$set": {"data": b"x" * 261120}}),
    "changed source": lambda database: database["fs.chunks"].update_many({"n": 0}, {"$set": {"data": b"x" * 1000}}),
}
