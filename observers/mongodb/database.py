"""Connects to a MongoDB database of runs, in the layout that incense and Omniboard read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import pymongo
from gridfs import GridFS
from pymongo.collection import Collection, ReturnDocument
from pymongo.errors import DocumentTooLarge, OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from observers.errors import (
    AUTHENTICATION_FAILED,
    INVALID_NAMESPACE,
    OTHER_CAPITALS,
    UNAUTHORIZED,
    problem_of,
    reason_of,
)
from observers.mongodb.address import Address
from observers.system.stderr import Warn

_LARGEST_ID = 2**53
_EARLIER_INDEX = "run_id_1_name_1"
_TOO_LARGE = (10334, 17419, 17420)  # error codes of the server


class Database:
    """The collections of a database; a write is acknowledged when it is in the journal of the server.

    Attributes:
        runs: one document for each run.
        metrics: one document for each metric of a run.
        files: sources and artifacts, in GridFS.
        file_documents: the documents of GridFS about the files.
        chunks: the contents of the files, in parts.
        claims: which sweep runs what, while it does.
        address: of the database.
    """

    def __init__(self, address: Address, *, timeout: float, listeners: Sequence[CommandListener] = ()) -> None:
        """Prepare to connect; the first operation connects.

        Args:
            address: of the database.
            timeout: seconds that an operation waits for the server.
            listeners: are notified of each command.
        """
        self.address = address
        self._client: pymongo.MongoClient = pymongo.MongoClient(
            address.url,
            **address.waits(int(timeout * 1000)),
            serverMonitoringMode="poll",  # one thread that seldom wakes during a training, not two
            event_listeners=list(listeners),
        )
        database = self._client.get_database(
            address.database, read_preference=ReadPreference.PRIMARY, write_concern=WriteConcern(w="majority", j=True)
        )
        self.runs: Collection = database["runs"]
        self.metrics: Collection = database["metrics"]
        self.file_documents: Collection = database["fs.files"]
        self.chunks: Collection = database["fs.chunks"]
        self.claims: Collection = database["claims"]
        self._run_ids: Collection = database["run_ids"]
        self.files = GridFS(database)

    def silence(self) -> str | None:
        """Say why no server has answered so far; None if one has, or if the reason is not known yet."""
        servers = self._client.topology_description.server_descriptions().values()
        errors = [server.error for server in servers if server.error is not None]
        return reason_of(errors[0]) if errors and not any(server.is_server_type_known for server in servers) else None

    def make_indexes(self, warn: Warn) -> None:
        """Create the indexes that keep concurrent deliveries apart and loaders fast; report those that fail.

        Raises:
            PyMongoError: the server does not answer, or refuses the user or the name of the database.
        """
        self._drop_index_of_earlier_versions()
        indexes: list[tuple[Collection, Any, dict[str, Any]]] = [
            (self.runs, "info.uuid", {"unique": True, "partialFilterExpression": {"info.uuid": {"$exists": True}}}),
            (self.runs, "start_time", {}),
            (self.runs, "status", {}),
            (self.runs, "experiment.name", {}),
            (self.runs, "config.seed", {}),
            (self.metrics, [("run_id", 1), ("name", 1)], {}),
            (
                self.metrics,
                [("uuid", 1), ("name", 1)],
                {"unique": True, "partialFilterExpression": {"uuid": {"$exists": True}}},
            ),
            (
                self.file_documents,
                [("filename", 1), ("metadata.source_md5", 1)],
                {"unique": True, "partialFilterExpression": {"metadata.source_md5": {"$exists": True}}},
            ),
        ]
        denied = []
        for collection, keys, options in indexes:
            try:
                collection.create_index(keys, **options)
            except OperationFailure as error:
                if error.code in (AUTHENTICATION_FAILED, INVALID_NAMESPACE, OTHER_CAPITALS):
                    raise
                if error.code == UNAUTHORIZED:
                    denied.append(collection.name)
                    continue
                warn(f"MongoDB cannot create the index on {collection.name} {keys}: {reason_of(error)}")

        if denied:
            names = ", ".join(dict.fromkeys(denied))
            warn(f"MongoDB does not let this user create indexes on {names}: another user has to run sync once")

    def _drop_index_of_earlier_versions(self) -> None:
        """Drop the index that allowed one metric of a name for each `run_id`, whichever run had that id before."""
        with suppress(OperationFailure):
            if self.metrics.index_information().get(_EARLIER_INDEX, {}).get("unique"):
                self.metrics.drop_index(_EARLIER_INDEX)

    def new_run_id(self) -> int:
        """Return a number that no run has, and that no run has had: its metrics may be there still.

        Numbers that other tools gave count if JavaScript, and so Omniboard, can hold them exactly.
        """
        known = [self._highest(self.runs, "_id"), self._highest(self.metrics, "run_id")]
        update = [{"$set": {"last": {"$add": [{"$max": ["$last", *known]}, 1]}}}]
        with suppress(OperationFailure):  # the user may write to the collections of Sacred only
            document: Any = self._run_ids.find_one_and_update(
                {"_id": "runs"}, update, upsert=True, return_document=ReturnDocument.AFTER
            )
            return int(document["last"])
        return max(known) + 1

    @staticmethod
    def _highest(collection: Collection, field: str) -> int:
        is_id = {"$type": "number", "$gte": 0, "$lt": _LARGEST_ID}
        last = collection.find_one({field: is_id}, {field: 1}, sort=[(field, -1)])
        return int(last[field]) if last is not None else 0

    def check(self) -> None:
        """Check that the server answers.

        Raises:
            ConnectionError: it does not answer in time, or refuses the user.
        """
        try:
            self._client.admin.command("ping")
        except PyMongoError as error:
            raise ConnectionError(f"MongoDB at {self.address} {problem_of(error)}") from None

    def now(self) -> datetime:
        """Return the time of the server, UTC: the clocks of other machines may be wrong."""
        time: datetime = self._client.admin.command("hello")["localTime"]
        return time

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def uuid_in(document: Mapping[str, Any]) -> str | None:
    """Return the uuid of the run in a run document, None if it has none: other tools write anything into `info`."""
    info = document.get("info")
    uuid = info.get("uuid") if isinstance(info, Mapping) else None
    return uuid if isinstance(uuid, str) else None


def is_too_large(error: Exception) -> bool:
    """Tell whether a write failed because the document would exceed MongoDB's 16 MB."""
    return isinstance(error, DocumentTooLarge) or (isinstance(error, OperationFailure) and error.code in _TOO_LARGE)
