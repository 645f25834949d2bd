"""Restores run directories from MongoDB: those that are damaged, and those that are gone."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.errors import ConnectionFailure, PyMongoError

from observers.directory.start.ids import give_id
from observers.directory.start.new_directory import make_directory
from observers.errors import line_of_error, reason_of
from observers.maintenance.restorable import Restorable, expand, find_restorable
from observers.mongodb.database import Database, uuid_in
from observers.mongodb.restoring.restoration import Restoration
from observers.mongodb.stored_files import key_of
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import id_order
from observers.system.stderr import Warn
from observers.system.untrusted.json_files import read_json_inside

_FIELDS = {"info.uuid": 1, "directory": 1, "uuid": 1}


@dataclass(frozen=True)
class RestoredRun:
    """A run of which files were restored.

    Attributes:
        directory: of the run.
        run_id: its `_id` in MongoDB.
        files: the names of the files that were written.
        is_new: whether the directory was gone.
        former: the id that the run had on disk; another run may have it by now.
    """

    directory: Path
    run_id: Any
    files: Sequence[str]
    is_new: bool
    former: str


def restore(
    runs: Path, ids: Sequence[str], database: Database, warn: Warn, *, mongodb_ids: Sequence[int] = ()
) -> Iterator[RestoredRun]:
    """Restore the runs of a directory from MongoDB.

    Args:
        runs: the directory of the runs, which may be gone.
        ids: of the runs on disk, or that they had there; without any, all runs that were recorded in this directory.
        database: that holds them.
        warn: called with what cannot be restored.
        mongodb_ids: the `_id`s of further runs, wherever they were recorded; each gets the id that it had there, or
            the next free one.

    Yields:
        Each run of which something was restored.

    Raises:
        ValueError: neither the directory nor the database has a run of such an id.
        PyMongoError: the database does not answer.
    """
    documents = {
        run_uuid: document
        for document in database.runs.find({"info.uuid": {"$type": "string"}}, _FIELDS)
        if (run_uuid := uuid_in(document)) is not None
    }
    found = find_restorable(runs, documents, mongodb_ids)
    wanted = list(expand(ids, sorted({item.former for item in found}, key=id_order)))
    for run_id in wanted:
        if run_id not in {item.former for item in found}:
            raise ValueError(f"MongoDB has no run {run_id} of {runs}")
    for item in found:
        is_named = item.former in wanted or key_of(item.document["_id"]) in mongodb_ids
        if is_named or not (ids or mongodb_ids):
            yield from _restore(runs, item, database, warn)


def _restore(runs: Path, item: Restorable, database: Database, warn: Warn) -> Iterator[RestoredRun]:
    document = database.runs.find_one({"_id": item.document["_id"]})
    directory = runs / item.run_id
    if document is None or (not item.is_new and _is_alive(directory)):
        return
    place = make_directory(runs) if item.is_new else directory  # which reap removes if this process is killed
    is_there, restored = not item.is_new, list[str]()
    try:
        restoration = Restoration(place, runs, document, database, lambda line: warn(f"{directory}: {line}"))
        restored = restoration.restored
        restoration.restore()
        if item.is_new:
            give_id(runs, item.run_id, lambda path: _rename(place, path))
            is_there = True
    except ConnectionFailure:
        raise
    except PyMongoError as error:
        warn(f"{directory}: it cannot be restored ({reason_of(error)})")
    except Exception as error:  # of one run, which must not keep the others from being restored
        warn(f"{directory}: it cannot be restored ({line_of_error(error)})")
    finally:
        if item.is_new and place.exists():
            shutil.rmtree(place)
    if is_there and restored:
        yield RestoredRun(directory, document["_id"], restored, item.is_new, item.former)


def _is_alive(directory: Path) -> bool:
    """Tell whether a run is still running, and writes its files itself."""
    try:
        entry = read_json_inside(directory, "run.json")
    except (OSError, ValueError):
        return False
    return isinstance(entry, dict) and entry.get("status") == "RUNNING" and is_running(entry, directory=directory)


def _rename(place: Path, directory: Path) -> None:
    place.rename(directory)
