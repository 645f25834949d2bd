"""Restores run directories from MongoDB: those that are damaged, and those that are gone."""

import shutil
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
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
    """

    directory: Path
    run_id: Any
    files: Sequence[str]
    is_new: bool


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
    found = {name: _document_of(path, by_uuid, runs) for name, path in here.items()}
    on_disk = {document["info"]["uuid"] for document in found.values() if document is not None}
    gone = {
        PurePath(document["directory"]).name: document
        for run_uuid, document in by_uuid.items()
        if run_uuid not in on_disk and _was_in(document, runs)
    }
    chosen = _choose(by_uuid.values(), on_disk, mongodb_ids, here)
    gone |= chosen
    known = sorted({*found, *gone}, key=id_order)
    for run_id in [*_expand(ids, known), *chosen] if ids or mongodb_ids else known:
        document = found.get(run_id) or gone.get(run_id)
        if document is None:
            if ids:
                raise ValueError(f"MongoDB has no run {run_id} of {runs}")
            continue
        yield from _restore(runs, run_id, document, database, warn, is_new=run_id not in here)


def _restore(
    runs: Path, run_id: str, found: Mapping[str, Any], database: Database, warn: Warn, *, is_new: bool
) -> Iterator[RestoredRun]:
    document = database.runs.find_one({"_id": found["_id"]})
    directory = runs / run_id
    if document is None or (not is_new and _is_alive(directory)):
        return
    place = runs / f".restored-{run_id}-{uuid.uuid4().hex[:8]}" if is_new else directory
    place.mkdir(parents=True, exist_ok=True)
    restoration = Restoration(place, runs, document, database, lambda line: warn(f"{directory}: {line}"))
    try:
        restoration.restore()
        if is_new:
            place.rename(directory)
    finally:
        if is_new and place.exists():
            shutil.rmtree(place)
    if restoration.restored:
        yield RestoredRun(directory, document["_id"], restoration.restored, is_new)


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


def _choose(
    documents: Iterable[Mapping[str, Any]], on_disk: Container[str], ids: Sequence[int], taken: Container[str]
) -> dict[str, Mapping[str, Any]]:
    """Find an id on disk for each of the runs with these ids in MongoDB, unless it is on disk already."""
    by_id = {document["_id"]: document for document in documents}
    chosen: dict[str, Mapping[str, Any]] = {}
    for run_id in ids:
        if run_id not in by_id:
            raise ValueError(f"MongoDB has no run with the id {run_id} that can be restored")
        if by_id[run_id]["info"]["uuid"] in on_disk:
            continue
        recorded = PurePath(str(by_id[run_id].get("directory") or run_id)).name
        name = recorded if recorded.isdecimal() else str(run_id)
        while name in taken or name in chosen:
            name = str(int(name) + 1)
        chosen[name] = by_id[run_id]
    return chosen


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
