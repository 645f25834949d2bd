"""Deletes runs from MongoDB, with their metrics, and the files that no other run has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from observers.mongodb.database import Database, uuid_in
from observers.mongodb.stored_files import artifacts_in, sources_in

_AT_ONCE = 500  # runs or files in a query


class StoredCopies:
    """What MongoDB holds of some runs."""

    def __init__(self, database: Database, uuids: Collection[str]) -> None:
        """Find the documents of the runs.

        Raises:
            PyMongoError: the database does not answer.
        """
        self._database = database
        wanted = {"artifacts": 1, "info.uuid": 1, "experiment.sources": 1, "directory": 1}
        self.documents: dict[str, Mapping[str, Any]] = {}
        for part in _parts(sorted(uuids)):
            for document in database.runs.find({"info.uuid": {"$in": part}}, wanted):
                uuid = uuid_in(document)
                if uuid is not None:
                    self.documents[uuid] = document

    def delete(self, uuids: Collection[str]) -> None:
        """Delete runs, the documents of the runs last; after an interruption, a second call continues.

        Raises:
            PyMongoError: the database failed.
        """
        documents = [self.documents[uuid] for uuid in uuids if uuid in self.documents]
        ids = [document["_id"] for document in documents]
        metrics = self._database.metrics
        for part in _parts(sorted(uuids)):
            metrics.delete_many({"uuid": {"$in": part}})
        for part in _parts(ids):
            metrics.delete_many({"run_id": {"$in": part}, "uuid": {"$exists": False}})
        for part in _parts(self.unused_files(documents)):
            self._database.file_documents.delete_many({"_id": {"$in": part}})
            self._database.chunks.delete_many({"files_id": {"$in": part}})
        for part in _parts(ids):
            self._database.runs.delete_many({"_id": {"$in": part}})

    def unused_files(self, documents: Collection[Mapping[str, Any]]) -> list[Any]:
        """Return the ids of the files that only these runs have."""
        found = {file for document in documents for file in _files(document)}
        if not found:
            return []
        others = {"_id": {"$nin": [document["_id"] for document in documents]}}
        sources = self._database.runs.distinct("experiment.sources", others)  # each once, whatever the number of runs
        artifacts = self._database.runs.distinct("artifacts.file_id", others)
        return list(found - _ids_of_sources(sources) - _hashable(artifacts))


def _files(document: Mapping[str, Any]) -> set[Any]:
    """Return the ids of the files of a run: artifacts and sources."""
    artifacts = _hashable([artifact.get("file_id") for artifact in artifacts_in(document)])
    return artifacts | _ids_of_sources(sources_in(document))


def _ids_of_sources(sources: Sequence[Any]) -> set[Any]:
    return _hashable([source[1] for source in sources if isinstance(source, list) and len(source) > 1])


def _hashable(ids: Sequence[Any]) -> set[Any]:
    return {file_id for file_id in ids if file_id is not None and not isinstance(file_id, (list, dict))}


def _parts(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
