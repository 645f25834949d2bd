"""Connects to a MongoDB database of runs, in the layout that incense and Omniboard read."""

from collections.abc import Sequence
from typing import Any

import pymongo
from gridfs import GridFS
from pymongo.collection import Collection
from pymongo.errors import DocumentTooLarge, OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from observers.mongodb.address import Address
from observers.system.stderr import Warn

_TOO_LARGE = (10334, 17419, 17420)  # error codes of the server


class Database:
    """The collections of a database; a write is acknowledged when it is in the journal of the server.

    Attributes:
        runs: one document for each run.
        metrics: one document for each metric of a run.
        files: sources and artifacts, in GridFS.
        file_documents: the documents of GridFS about the files.
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
        milliseconds = int(timeout * 1000)
        self._client: pymongo.MongoClient = pymongo.MongoClient(
            address.url,
            serverSelectionTimeoutMS=milliseconds,
            connectTimeoutMS=milliseconds,
            socketTimeoutMS=milliseconds,
            serverMonitoringMode="poll",  # one thread that seldom wakes during a training, not two
            event_listeners=list(listeners),
        )
        database = self._client.get_database(
            address.database, read_preference=ReadPreference.PRIMARY, write_concern=WriteConcern(w="majority", j=True)
        )
        self.runs: Collection = database["runs"]
        self.metrics: Collection = database["metrics"]
        self.file_documents: Collection = database["fs.files"]
        self.files = GridFS(database)

    def make_indexes(self, warn: Warn) -> None:
        """Create the indexes that keep concurrent deliveries apart and loaders fast; report those that fail."""
        for collection, keys, options in (
            (self.runs, "info.uuid", {"unique": True, "partialFilterExpression": {"info.uuid": {"$exists": True}}}),
            (self.runs, "start_time", {}),
            (self.runs, "status", {}),
            (self.runs, "experiment.name", {}),
            (self.metrics, [("run_id", 1), ("name", 1)], {"unique": True}),
            (
                self.file_documents,
                [("filename", 1), ("metadata.source_md5", 1)],
                {"unique": True, "partialFilterExpression": {"metadata.source_md5": {"$exists": True}}},
            ),
        ):
            try:
                collection.create_index(keys, **options)
            except OperationFailure as error:
                warn(f"MongoDB cannot create the index on {collection.name} {keys}: {error_name(error)}")

    def check(self) -> None:
        """Check that the server answers.

        Raises:
            ConnectionError: it does not answer in time, or refuses the user.
        """
        try:
            self._client.admin.command("ping")
        except PyMongoError as error:
            raise ConnectionError(f"MongoDB at {self.address} does not answer ({error_name(error)})") from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def is_too_large(error: Exception) -> bool:
    """Tell whether a write failed because the document would exceed MongoDB's 16 MB."""
    return isinstance(error, DocumentTooLarge) or (isinstance(error, OperationFailure) and error.code in _TOO_LARGE)


def error_name(error: Exception) -> str:
    """Name an error of a database; pymongo's own messages are long, and may repeat secrets."""
    details: dict[str, Any] = getattr(error, "details", None) or {}
    return str(details.get("codeName") or type(error).__name__)
