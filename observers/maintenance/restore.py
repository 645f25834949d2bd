"""Restores run directories from MongoDB: those that are damaged, and those that are gone."""

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from observers.mongodb.database import Database
from observers.mongodb.restoring.restoration import Restoration
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import id_order, run_directories
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
        OSError: a file cannot be written.
        PyMongoError: the database failed.
    """
    here = {path.name: path for path in run_directories(runs)} if runs.is_dir() else {}
    by_uuid = {
        document["info"]["uuid"]: document
        for document in database.runs.find({"info.uuid": {"$type": "string"}}, _FIELDS)
    }
    plan = _plan(runs, here, by_uuid, mongodb_ids)
    wanted = list(_expand(ids, sorted({item.former for item in plan}, key=id_order)))
    for run_id in wanted:
        if run_id not in {item.former for item in plan}:
            raise ValueError(f"MongoDB has no run {run_id} of {runs}")
    for item in plan:
        if (not ids and not mongodb_ids) or item.former in wanted or item.document["_id"] in mongodb_ids:
            yield from _restore(runs, item, database, warn)


@dataclass(frozen=True)
class _Item:
    """A run that can be restored: the id that it gets, the one that it had, and its document."""

    run_id: str
    former: str
    document: Mapping[str, Any]
    is_new: bool


def _plan(
    runs: Path, here: Mapping[str, Path], by_uuid: Mapping[str, Mapping[str, Any]], mongodb_ids: Sequence[int]
) -> list[_Item]:
    """Find the runs on disk, those that were recorded there and are gone, and those with these ids in MongoDB.

    A run whose id another one has by now gets the next free one.
    """
    plan = []
    for name, path in here.items():
        document = _document_of(path, by_uuid, runs)
        if document is not None:
            plan.append(_Item(name, name, document, is_new=False))
    on_disk = {item.document["info"]["uuid"] for item in plan}
    known = {document["_id"] for document in by_uuid.values()}
    for run_id in mongodb_ids:
        if run_id not in known:
            raise ValueError(f"MongoDB has no run with the id {run_id} that can be restored")
    gone = [
        (_former_id(document), document)
        for run_uuid, document in by_uuid.items()
        if run_uuid not in on_disk and (_was_in(document, runs) or document["_id"] in mongodb_ids)
    ]
    free = max((int(name) for name in [*here, *(former for former, _ in gone)] if name.isdecimal()), default=0) + 1
    taken = set(here)
    for former, document in sorted(gone, key=lambda item: id_order(item[0])):
        name = former
        if name in taken:
            name, free = str(free), free + 1
        taken.add(name)
        plan.append(_Item(name, former, document, is_new=True))
    return plan


def _former_id(document: Mapping[str, Any]) -> str:
    recorded = PurePath(str(document.get("directory"))).name
    return recorded if recorded.isdecimal() else str(document["_id"])


def _restore(runs: Path, item: _Item, database: Database, warn: Warn) -> Iterator[RestoredRun]:
    document = database.runs.find_one({"_id": item.document["_id"]})
    directory = runs / item.run_id
    if document is None or (not item.is_new and _is_alive(directory)):
        return
    place = runs / f".restored-{item.run_id}-{uuid.uuid4().hex[:8]}" if item.is_new else directory
    place.mkdir(parents=True, exist_ok=True)
    restoration = Restoration(place, runs, document, database, lambda line: warn(f"{directory}: {line}"))
    try:
        restoration.restore()
        if item.is_new:
            place.rename(directory)
    finally:
        if item.is_new and place.exists():
            shutil.rmtree(place)
    if restoration.restored:
        yield RestoredRun(directory, document["_id"], restoration.restored, item.is_new, item.former)


def _expand(ids: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    """Yield ids, and of a range such as 3..9 those that are known."""
    for item in ids:
        first, dots, last = item.partition("..")
        if not dots:
            yield item
        elif first.isdecimal() and last.isdecimal():
            yield from (name for name in known if name.isdecimal() and int(first) <= int(name) <= int(last))
        else:
            raise ValueError(f"{item} is no id and no range of ids such as 3..9")


def _document_of(directory: Path, by_uuid: Mapping[str, Mapping[str, Any]], runs: Path) -> Mapping[str, Any] | None:
    """Find the document of a run on disk by its uuid; if that is lost, by the directory."""
    for name in ("run.json", "info.json"):
        with suppress(OSError, ValueError, TypeError):
            content = read_json_inside(directory, name)
            if isinstance(content, dict) and isinstance(content.get("uuid"), str):
                return by_uuid.get(content["uuid"])
    return next((document for document in by_uuid.values() if _was_in(document, runs, directory.name)), None)


def _was_in(document: Mapping[str, Any], runs: Path, run_id: str | None = None) -> bool:
    """Tell whether a run was recorded in a directory of runs."""
    recorded = document.get("directory")
    if not isinstance(recorded, str) or not PurePath(recorded).name.isdecimal():
        return False
    path = Path(recorded)
    return path.parent == runs.resolve() and run_id in (None, path.name)


def _is_alive(directory: Path) -> bool:
    """Tell whether a run is still running, and writes its files itself."""
    try:
        entry = read_json_inside(directory, "run.json")
    except (OSError, ValueError):
        return False
    return isinstance(entry, dict) and entry.get("status") == "RUNNING" and is_running(entry, directory=directory)
