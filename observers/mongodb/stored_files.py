"""Which of the artifacts and sources that run documents refer to are in GridFS, with all of their chunks."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from observers.mongodb.database import Database


def files_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a name and the id of each artifact and source; entries of another form are left out."""
    experiment = document.get("experiment")
    sources = experiment.get("sources") if isinstance(experiment, Mapping) else None
    artifacts = document.get("artifacts")
    for artifact in artifacts if isinstance(artifacts, list) else ():
        if isinstance(artifact, Mapping) and "file_id" in artifact:
            yield f"artifact {artifact.get('name')}", artifact["file_id"]
    for source in sources if isinstance(sources, list) else ():
        if isinstance(source, list) and len(source) == 2:
            yield f"source {source[0]}", source[1]


def find_lost(database: Database, named: Collection[Any] | None, used: Iterable[Any]) -> set[Any]:
    """Return the keys of the files of which GridFS has no entry, or too few chunks."""
    by_file = {"files_id": {"$in": list(named)}} if named is not None else {}
    by_id = {"_id": {"$in": list(named)}} if named is not None else {}
    chunks = {
        key_of(group["_id"]): group["chunks"]
        for group in database.chunks.aggregate(
            [
                {"$match": by_file},
                {"$sort": {"files_id": 1, "n": 1}},  # the index has all that is needed
                {"$project": {"_id": 0, "files_id": 1}},
                {"$group": {"_id": "$files_id", "chunks": {"$sum": 1}}},
            ],
            allowDiskUse=True,
        )
    }
    whole = {
        key_of(file["_id"])
        for file in database.file_documents.find(by_id, {"length": 1, "chunkSize": 1})
        if chunks.get(key_of(file["_id"]), 0) >= _chunks_of(file)
    }
    return {key_of(file_id) for file_id in used} - whole


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
