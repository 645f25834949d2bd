"""A MongoDB database of runs, laid out as Sacred's MongoObserver has it, for incense and Omniboard to read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pymongo
from gridfs import GridFS
from pymongo.collection import Collection
from pymongo.errors import DocumentTooLarge, OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener
from pymongo.read_preferences import ReadPreference
from pymongo.uri_parser import parse_uri
from pymongo.write_concern import WriteConcern
from sacred.observers.mongo import parse_mongo_db_arg

_FORMS = "mongodb://HOST[:PORT]/DATABASE, with USER:PASSWORD@ before HOST where there is one, or HOST:PORT:DATABASE"


@dataclass(frozen=True)
class Address:
    """Where a database is; it is printed without the URL, which may hold a password.

    Attributes:
        url: a mongodb:// or mongodb+srv:// URL.
        database: the name of the database.
    """

    url: str
    database: str

    def __repr__(self) -> str:
        return f"{urlsplit(self.url).netloc.rpartition('@')[2]}/{self.database}"


def read_address(text: str) -> Address:
    """Read a mongodb:// or mongodb+srv:// URL with the database, or Sacred's [host:port:]database.

    Raises:
        ValueError: when it is neither; the message does not repeat it.
    """
    if "://" not in text and "@" not in text:
        try:
            short = parse_mongo_db_arg(text)
        except AttributeError:
            raise ValueError(f"the address of MongoDB cannot be read: it is {_FORMS}") from None
        if "db_name" not in short:
            raise ValueError(f"the address of MongoDB names no database: it is {_FORMS}")
        return Address(f"mongodb://{short.get('url', 'localhost:27017')}", short["db_name"])
    database = unquote(urlsplit(text).path.strip("/"))
    if not database:
        raise ValueError(f"the address of MongoDB names no database: it is {_FORMS}")
    try:
        if not text.startswith("mongodb+srv://"):
            parse_uri(text)
    except (PyMongoError, ValueError):
        raise ValueError(f"the address of MongoDB cannot be read: it is {_FORMS}") from None
    return Address(text, database)


class Database:
    """The collections of a database; every write is acknowledged when it is in the journal of the server.

    Attributes:
        runs: one document a run.
        metrics: one document a metric of a run.
        files: sources and artifacts, GridFS.
        file_documents: what GridFS knows of each file.
        address: where it is.
    """

    def __init__(self, address: Address, *, patience: float, listeners: Sequence[CommandListener] = ()) -> None:
        """Prepare to connect; the first operation does.

        Args:
            address: of the database.
            patience: seconds that an operation waits for a server that does not answer.
            listeners: are told of every command.
        """
        self.address = address
        milliseconds = int(patience * 1000)
        self._client: pymongo.MongoClient = pymongo.MongoClient(
            address.url,
            serverSelectionTimeoutMS=milliseconds,
            connectTimeoutMS=milliseconds,
            socketTimeoutMS=milliseconds,
            serverMonitoringMode="poll",  # one thread that wakes now and then beside a training, not two
            event_listeners=list(listeners),
        )
        database = self._client.get_database(
            address.database, read_preference=ReadPreference.PRIMARY, write_concern=WriteConcern(w="majority", j=True)
        )
        self.runs: Collection = database["runs"]
        self.metrics: Collection = database["metrics"]
        self.file_documents: Collection = database["fs.files"]
        self.files = GridFS(database)

    def make_indexes(self, say: Callable[[str], None]) -> None:
        """Make the indexes that keep deliveries apart and loaders fast; say which one the data does not allow."""
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
                say(f"MongoDB makes no index on {collection.name} {keys}: {(error.details or {}).get('codeName')}")

    def check(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            ConnectionError: when it gives none in time, or lets nobody in.
        """
        try:
            self._client.admin.command("ping")
        except PyMongoError as error:
            raise ConnectionError(f"MongoDB at {self.address} does not answer ({described(error)})") from None

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()


def is_too_large(error: Exception) -> bool:
    """Tell whether a write failed because a document would be larger than MongoDB takes."""
    return isinstance(error, DocumentTooLarge) or (
        isinstance(error, OperationFailure) and error.code in (10334, 17419, 17420)
    )


def described(error: Exception) -> str:
    """Say what went wrong with a database; pymongo's own words are long, and may repeat what should stay secret."""
    details: dict[str, Any] = getattr(error, "details", None) or {}
    return str(details.get("codeName") or type(error).__name__)
