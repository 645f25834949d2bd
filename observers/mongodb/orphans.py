"""Finds and deletes what no run in a database refers to: left by deliveries and deletions that were interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from bson import ObjectId

from observers.mongodb.database import Database, uuid_in
from observers.mongodb.stored_files import artifacts_in, count_chunks, key_of, sources_in

_OF_RUNS = {"$or": [{"filename": {"$regex": "^artifact://runs/"}}, {"metadata.source_md5": {"$exists": True}}]}


@dataclass(frozen=True)
class Orphans:
    """What no run refers to.

    Attributes:
        uploads: the ids of files of which GridFS has chunks, but no entry.
        files: the ids of artifacts and sources.
        metrics: the ids of metric documents.
        young: how many more there are that a delivery under way may still need.
    """

    uploads: tuple[Any, ...]
    files: tuple[Any, ...]
    metrics: tuple[Any, ...]
    young: int


def find_orphans(database: Database, age: timedelta) -> Orphans:
    """Find what no run refers to.

    Files that other programs keep in the same GridFS are left alone.

    Args:
        database: to search.
        age: how old the orphans are at least, if the machine that left them had the time of the server.
    """
    latest = database.now() - age
    young = 0
    found: dict[str, list[Any]] = {"uploads": [], "files": [], "metrics": []}
    for kind, search in (("uploads", _uploads), ("files", _files), ("metrics", _metrics)):
        for orphan, time in search(database):
            if time is None or time <= latest:
                found[kind].append(orphan)
            else:
                young += 1
    return Orphans(tuple(found["uploads"]), tuple(found["files"]), tuple(found["metrics"]), young)


def delete_orphans(orphans: Orphans, database: Database) -> None:
    """Delete orphans, unless a run refers to them by now."""
    for file_id in orphans.uploads:
        if database.file_documents.find_one({"_id": file_id}, {"_id": 1}) is None:
            database.chunks.delete_many({"files_id": file_id})
    for file_id in orphans.files:
        used = {"$elemMatch": {"$elemMatch": {"$eq": file_id}}}
        if not database.runs.find_one({"$or": [{"artifacts.file_id": file_id}, {"experiment.sources": used}]}, {}):
            database.files.delete(file_id)
    for metric_id in orphans.metrics:
        document = database.metrics.find_one({"_id": metric_id}, {"run_id": 1, "uuid": 1}) or {}
        uuid = document.get("uuid")
        owner = {"info.uuid": uuid} if uuid is not None else {"_id": document.get("run_id")}
        if not database.runs.find_one(owner, {}):
            database.metrics.delete_one({"_id": metric_id})


def _uploads(database: Database) -> Iterator[tuple[Any, datetime | None]]:
    known = {key_of(file["_id"]) for file in database.file_documents.find({}, {"_id": 1})}
    for file_id, _ in count_chunks(database):
        if key_of(file_id) not in known:
            last = database.chunks.find_one({"files_id": file_id}, {"_id": 1}, sort=[("n", -1)])
            yield file_id, _time_of(last["_id"]) if last is not None else None


def _files(database: Database) -> Iterator[tuple[Any, datetime | None]]:
    used = set()
    for run in database.runs.find({}, {"artifacts.file_id": 1, "experiment.sources": 1}):
        used |= {key_of(artifact.get("file_id")) for artifact in artifacts_in(run)}
        used |= {key_of(source[-1]) for source in sources_in(run)}
    for file in database.file_documents.find(_OF_RUNS, {"uploadDate": 1}):
        if key_of(file["_id"]) not in used:
            time = file.get("uploadDate")
            yield file["_id"], time if isinstance(time, datetime) else None


def _metrics(database: Database) -> Iterator[tuple[Any, datetime | None]]:
    ids, uuids = set(), set()
    for run in database.runs.find({}, {"info.uuid": 1}):
        ids.add(key_of(run["_id"]))
        uuids.add(uuid_in(run))
    for metric in database.metrics.find({}, {"run_id": 1, "uuid": 1}):
        owner = metric.get("uuid")
        if (key_of(owner) not in uuids) if owner is not None else (key_of(metric.get("run_id")) not in ids):
            yield metric["_id"], _time_of(metric["_id"])


def _time_of(identity: Any) -> datetime | None:
    """Return when an ObjectId was made, None for other ids."""
    return (
        identity.generation_time.astimezone(timezone.utc).replace(tzinfo=None)
        if isinstance(identity, ObjectId)
        else None
    )
