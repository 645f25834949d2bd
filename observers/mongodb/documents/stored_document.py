"""Finds, inserts and updates the document of a run in a database that others write as well."""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError, PyMongoError

from observers.mongodb.database import Database

_MOST_ATTEMPTS = 20  # to find a free id, while others insert runs
_OWN_INDEXES = {"_id", "info.uuid"}


class VanishedError(PyMongoError):
    """The document of the run is gone: somebody deleted it, or replaced the database."""


def find_or_insert(uuid: str, make_content: Callable[[], Mapping[str, Any]], database: Database) -> Any:
    """Find the document of a run by its uuid, or insert it with a new id.

    Args:
        uuid: of the run.
        make_content: makes the document.
        database: to search.

    Returns:
        The `_id`.

    Raises:
        DuplicateKeyError: a unique index that somebody else made does not allow the document.
        PyMongoError: the database failed.
    """
    for attempt in range(_MOST_ATTEMPTS):
        found = database.runs.find_one({"info.uuid": uuid}, {"_id": 1})
        if found is not None:
            return found["_id"]
        number = database.new_run_id()
        try:
            database.runs.insert_one({"_id": number, "artifacts": [], **make_content()})
            return number
        except DuplicateKeyError as error:  # another delivery was faster, or an index of somebody else refuses it
            index = set((error.details or {}).get("keyPattern") or {})
            if index - _OWN_INDEXES or attempt == _MOST_ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def update(run_id: Any, document: Mapping[str, Any], database: Database) -> bool:
    """Write the document, unless the database holds a later state of the run.

    Returns:
        Whether it was written.

    Raises:
        VanishedError: there is no such document.
    """
    status, heartbeat = document["status"], document.get("heartbeat")
    order = "$lt" if status == "RUNNING" else "$lte"
    earlier = [{"heartbeat": None}, {"heartbeat": {order: heartbeat}}] if heartbeat else [{}]
    same = {"_id": run_id, "$or": [*earlier, {"status": status, "heartbeat": heartbeat}]}
    if status == "RUNNING":  # the clock of the server tells how long a run has been silent
        database.runs.update_one({"_id": run_id, "heartbeat": {"$ne": heartbeat}}, {"$currentDate": {"seen": True}})
    if database.runs.update_one(same, {"$set": document}).matched_count:
        return True
    if database.runs.find_one({"_id": run_id}, {"_id": 1}) is None:
        raise VanishedError("the run was deleted")
    return False
