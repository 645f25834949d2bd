"""Records runs in MongoDB beside their directory, in the documents of Sacred's MongoObserver."""

import sys
from typing import Any
from urllib.parse import unquote, urlsplit

import pymongo
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri
from sacred.observers import MongoObserver, RunObserver
from sacred.observers.mongo import parse_mongo_db_arg

_AFTER_THE_DIRECTORY = 10  # FileStorageObserver has priority 20
_PATIENCE_MS = 3000
_FORMS = "mongodb://[USER:PASSWORD@]HOST[:PORT]/DATABASE or HOST:PORT:DATABASE"


class BesideDirectoryObserver(MongoObserver):
    """A MongoObserver that comes second: it never stops a run, and has an integer id of its own.

    Attributes:
        present: whether MongoDB has the run.
    """

    def __init__(self, url: str, database: str) -> None:
        """Remember where the database is; nothing is connected to before a run starts."""
        self.priority = _AFTER_THE_DIRECTORY
        self.present = False
        self._url = url
        self._database = database

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def started_event(self, *args: Any, **kwargs: Any) -> Any:
        """Connect and insert the run; when that fails, say so and leave the recording to the directory."""
        try:
            client: pymongo.MongoClient = pymongo.MongoClient(self._url, serverSelectionTimeoutMS=_PATIENCE_MS)
            super().__init__(client=client, db_name=self._database, priority=self.priority)
            super().started_event(*args, **{**kwargs, "_id": None})
            self.present = True
        except PyMongoError as error:
            _say(f"MongoDB does not answer ({type(error).__name__}): the directory alone records this run")
        return kwargs.get("_id")

    def heartbeat_event(self, *args: Any, **kwargs: Any) -> None:
        """Update the run."""
        if self.present:
            super().heartbeat_event(*args, **kwargs)

    def log_metrics(self, *args: Any, **kwargs: Any) -> None:
        """Append the points."""
        if self.present:
            super().log_metrics(*args, **kwargs)

    def resource_event(self, *args: Any, **kwargs: Any) -> None:
        """Store a file that the run has read."""
        if self.present:
            super().resource_event(*args, **kwargs)

    def artifact_event(self, *args: Any, **kwargs: Any) -> None:
        """Store a file that the run has made."""
        if self.present:
            super().artifact_event(*args, **kwargs)

    def final_save(self, attempts: int) -> None:
        """Store how the run ended; when that fails, say so."""
        if not self.present:
            return
        try:
            self.runs.update_one({"_id": self.run_entry["_id"]}, {"$set": self.run_entry}, upsert=True)
        except PyMongoError as error:
            _say(f"MongoDB did not take the end of this run ({type(error).__name__}): the directory has it")


def make_mongo_observer(address: str) -> BesideDirectoryObserver:
    """Make the observer that records in a database, without connecting to it yet.

    Args:
        address: a mongodb:// or mongodb+srv:// URL with the database, or Sacred's [host:port:]database.

    Raises:
        ValueError: when it is neither; the message does not repeat the address, which may hold a password.
    """
    if "://" not in address and "@" not in address:
        try:
            short = parse_mongo_db_arg(address)
        except AttributeError:
            raise ValueError(f"the address of MongoDB cannot be read: it is {_FORMS}") from None
        return BesideDirectoryObserver(
            f"mongodb://{short.get('url', 'localhost:27017')}", short.get("db_name", "sacred")
        )
    database = unquote(urlsplit(address).path.strip("/"))
    if not database:
        raise ValueError(f"the address of MongoDB names no database: it is {_FORMS}")
    try:
        if not address.startswith("mongodb+srv://"):
            parse_uri(address)
    except (PyMongoError, ValueError):
        raise ValueError(f"the address of MongoDB cannot be read: it is {_FORMS}") from None
    return BesideDirectoryObserver(address, database)


def is_in_mongo(observer: RunObserver) -> bool:
    """Tell whether an observer is one of these, and MongoDB has its run."""
    return isinstance(observer, BesideDirectoryObserver) and observer.present


def _say(message: str) -> None:
    print(message, file=sys.stderr)
