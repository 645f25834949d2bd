"""Records runs in MongoDB beside their directory, in the documents of Sacred's MongoObserver."""

import sys
from typing import Any
from urllib.parse import unquote, urlsplit

import pymongo
from pymongo.errors import PyMongoError
from sacred.observers import MongoObserver
from sacred.observers.mongo import parse_mongo_db_arg

_AFTER_THE_DIRECTORY = 10  # FileStorageObserver has priority 20
_PATIENCE_MS = 3000


class BesideDirectoryObserver(MongoObserver):
    """A MongoObserver that comes second: it never stops a run, and has an integer id of its own."""

    _absent = False

    def started_event(self, *args: Any, **kwargs: Any) -> Any:
        """Insert the run; when that fails, say so and leave the recording to the directory."""
        try:
            return super().started_event(*args, **{**kwargs, "_id": None})
        except PyMongoError as error:
            self._absent = True
            print(f"MongoDB does not answer, the directory alone records this run: {_reason(error)}", file=sys.stderr)
            return kwargs.get("_id")

    def heartbeat_event(self, *args: Any, **kwargs: Any) -> None:
        """Update the run."""
        if not self._absent:
            super().heartbeat_event(*args, **kwargs)

    def log_metrics(self, *args: Any, **kwargs: Any) -> None:
        """Append the points."""
        if not self._absent:
            super().log_metrics(*args, **kwargs)

    def final_save(self, attempts: int) -> None:
        """Store how the run ended; when that fails, say so."""
        if self._absent:
            return
        try:
            self.runs.update_one({"_id": self.run_entry["_id"]}, {"$set": self.run_entry}, upsert=True)
        except PyMongoError as error:
            print(f"MongoDB did not take the end of this run, the directory has it: {_reason(error)}", file=sys.stderr)


def make_mongo_observer(address: str) -> BesideDirectoryObserver:
    """Make the observer that records in a database, without connecting to it yet.

    Args:
        address: a mongodb:// or mongodb+srv:// URL with the database, or Sacred's [host:port:]database.

    Raises:
        ValueError: when it is neither; the message does not repeat a URL, which may hold a password.
    """
    if address.startswith(("mongodb://", "mongodb+srv://")):
        return _observer(address, unquote(urlsplit(address).path.strip("/")))
    try:
        short = parse_mongo_db_arg(address)
    except AttributeError:
        raise ValueError(
            f"{address!r} is no MongoDB address: it is mongodb://HOST:PORT/DATABASE or HOST:PORT:DATABASE"
        ) from None
    return _observer(f"mongodb://{short.get('url', 'localhost:27017')}", short.get("db_name", "sacred"))


def _observer(url: str, database: str) -> BesideDirectoryObserver:
    if not database:
        raise ValueError("the MongoDB URL names no database: it ends in /DATABASE")
    try:
        client: pymongo.MongoClient = pymongo.MongoClient(url, serverSelectionTimeoutMS=_PATIENCE_MS, tz_aware=False)
    except (PyMongoError, ValueError) as error:
        raise ValueError(f"the MongoDB URL cannot be used: {_reason(error)}") from None
    return BesideDirectoryObserver(client=client, db_name=database, priority=_AFTER_THE_DIRECTORY)


def _reason(error: Exception) -> str:
    return str(error).split(",")[0]
