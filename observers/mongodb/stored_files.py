"""Which of the artifacts and sources that run documents refer to are in GridFS, with all of their chunks."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from observers.mongodb.database import Database


def artifacts_in(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the artifacts of a run document; another tool may have written anything there."""
    artifacts = document.get("artifacts")
    return [each for each in artifacts if isinstance(each, Mapping)] if isinstance(artifacts, list) else []


def sources_in(document: Mapping[str, Any]) -> list[list[Any]]:
    """Return the sources of a run document, each a name and an id if this project wrote it."""
    experiment = document.get("experiment")
    sources = experiment.get("sources") if isinstance(experiment, Mapping) else None
    return [each for each in sources if isinstance(each, list) and each] if isinstance(sources, list) else []


def files_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a name and the id of each artifact and source; entries of another form are left out."""
    for artifact in artifacts_in(document):
        if "file_id" in artifact:
            yield f"artifact {artifact.get('name')}", artifact["file_id"]
    for source in sources_in(document):
        if len(source) == 2:
            yield f"source {source[0]}", source[1]


def count_chunks(database: Database, named: Collection[Any] | None = None) -> list[tuple[Any, int]]:
    """Return the id of each file of which GridFS has chunks, or of each of those named, and their number."""
    pipeline: list[Mapping[str, Any]] = [
        {"$match": {"files_id": {"$in": list(named)}} if named is not None else {}},
        {"$sort": {"files_id": 1, "n": 1}},  # the index has all that is needed
        {"$project": {"_id": 0, "files_id": 1}},
        {"$group": {"_id": "$files_id", "chunks": {"$sum": 1}}},
    ]
    return [(group["_id"], group["chunks"]) for group in database.chunks.aggregate(pipeline, allowDiskUse=True)]


def find_lost(database: Database, files: Iterable[Any], *, among_all: bool) -> set[Any]:
    """Return the keys of those files of which GridFS has no entry, or too few chunks.

    Args:
        database: to search.
        files: the ids.
        among_all: read about all files, which is faster for many.
    """
    used = {key_of(file_id): file_id for file_id in files}
    named = None if among_all else list(used.values())
    chunks = {key_of(file_id): count for file_id, count in count_chunks(database, named)}
    by_id = {"_id": {"$in": named}} if named is not None else {}
    whole = {
        key_of(file["_id"])
        for file in database.file_documents.find(by_id, {"length": 1, "chunkSize": 1})
        if chunks.get(key_of(file["_id"]), 0) >= _chunks_of(file)
    }
    return used.keys() - whole


def _chunks_of(file: Mapping[str, Any]) -> float:
    """Return how many chunks the contents of a file need."""
    length, size = file.get("length"), file.get("chunkSize")
    return -(-length // size) if isinstance(length, int) and isinstance(size, int) and size > 0 else math.inf


def key_of(value: Any) -> Any:
    """Return a value by which an id is found in a dictionary; foreign ids may be documents."""
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value
