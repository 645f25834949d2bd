"""Stores the sources and artifacts of runs in GridFS.

A file that was lost or damaged there is stored again under its old id, since other runs may refer to it.
"""

import mimetypes
import os
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedReader
from pathlib import PurePath
from typing import Any

import bson
from gridfs.errors import FileExists
from pymongo.errors import DuplicateKeyError

from observers.errors import line_of_error
from observers.mongodb.database import Database
from observers.mongodb.documents.bson_values import to_bson
from observers.stored_runs.stored_run import StoredRun
from observers.system.files import hex_digest
from observers.system.stderr import Warn
from observers.system.untrusted.opening import open_inside

Pair = list[Any]
"""The name and the GridFS id of a source."""

_MOST_SPARSE = 1 << 28  # bytes, of a file whose holes do not matter
_MOST_HOLES = 100  # times the bytes on the disk
_BLOCK = 512  # bytes, of st_blocks
_MOST_ATTEMPTS = 5  # to store a source, while others store the same


def sources_of(run: StoredRun) -> Iterator[tuple[str, str]]:
    """Yield the name of each source of a run, and where its copy is in the directory of the runs."""
    experiment = run.entry.get("experiment")
    listed = experiment.get("sources") if isinstance(experiment, dict) else None
    for source in listed if isinstance(listed, list) else ():
        if isinstance(source, list) and len(source) == 2 and isinstance(source[0], str) and isinstance(source[1], str):
            yield source[0], source[1]


def artifacts_of(run: StoredRun) -> list[str]:
    """Return the names of the artifacts of a run."""
    listed = run.entry.get("artifacts")
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []


def deliver_sources(
    run: StoredRun, stored: object, lost: Mapping[str, Any], database: Database, warn: Warn
) -> list[Pair]:
    """Store each source once for all runs that have the same.

    Args:
        run: whose sources to store.
        stored: what the run document has: it keeps the sources whose copies are missing or damaged on disk.
        lost: the ids of sources that GridFS has lost, by `source <name>`.
        database: to store them in.
        warn: called with each source that cannot be stored.

    Returns:
        The name and the id of each source.
    """
    known = {pair[0]: pair for pair in _pairs(stored)}
    delivered: dict[str, Pair] = {}
    problems: dict[str, list[str]] = {}
    there = _find_sources([to_bson(name) for name, _ in sources_of(run)], database)
    for name, copy in sources_of(run):
        field = to_bson(name)
        lost_id = lost.get(f"source {field}")
        try:
            digest = _check_source(run, copy)
            found = there.get((field, digest)) if lost_id is None else None
            file_id = found if found is not None else _store_source(run, field, copy, digest, lost_id, database)
            delivered[field] = [field, file_id]
        except (OSError, ValueError) as error:
            if field in known:
                delivered[field] = known[field]
            is_kept = field in known and f"source {field}" not in lost
            problems.setdefault("MongoDB keeps what it has" if is_kept else "MongoDB lacks it as well", []).append(
                f"source {name}: {line_of_error(error)}"
            )
    for consequence, lines in problems.items():  # a line for all, since they are often lost together
        further = f", and {len(lines) - 1} more sources" if len(lines) > 1 else ""
        warn(f"{lines[0]}{further}; {consequence}")
    return [*delivered.values(), *(pair for name, pair in known.items() if name not in delivered)]


def deliver_artifacts(
    run: StoredRun, run_id: Any, names: Iterable[str], lost: Mapping[str, Any], database: Database, warn: Warn
) -> None:
    """Store those files of a run directory as artifacts that the run document does not have, or that were lost."""
    names = list(names)
    if not names:
        return
    found = database.runs.find_one({"_id": run_id}, {"artifacts": 1}) or {}
    delivered = {artifact.get("name") for artifact in found.get("artifacts") or []}
    details = run.entry.get("artifact_details")
    details = details if isinstance(details, dict) else {}
    for name in names:
        field = to_bson(name)
        lost_id = lost.get(f"artifact {field}")
        if field not in delivered or lost_id is not None:
            try:
                _deliver_artifact(run, run_id, name, details.get(name), lost_id, database)
            except (OSError, ValueError, bson.errors.BSONError, OverflowError, FileExists) as error:
                consequence = "; MongoDB has lost it as well" if lost_id is not None else ""
                warn(f"artifact {name}: {line_of_error(error)}{consequence}")


def _find_sources(names: list[str], database: Database) -> dict[tuple[str, str], Any]:
    """Return the ids of the stored sources with these names, by name and MD5."""
    wanted = {"filename": {"$in": names}, "metadata.source_md5": {"$exists": True}}
    found = database.file_documents.find(wanted, {"filename": 1, "metadata.source_md5": 1})
    return {(file["filename"], file["metadata"]["source_md5"]): file["_id"] for file in found}


def _check_source(run: StoredRun, copy: str) -> str:
    """Return the MD5 of the copy of a source, which is in its name as well.

    Raises:
        OSError: there is no copy.
        ValueError: it is damaged.
    """
    with open_inside(run.directory.parent, copy) as file:
        digest = hex_digest(file, "md5")
    if not PurePath(copy).stem.endswith(digest):
        raise ValueError(f"{copy} is damaged: its MD5 is {digest}")
    return digest


def _store_source(run: StoredRun, name: str, copy: str, digest: str, lost_id: Any, database: Database) -> Any:
    fields = {"filename": name, "metadata": {"source_md5": digest}}
    with open_inside(run.directory.parent, copy) as file:
        if lost_id is not None:
            return _store_again(database, file, lost_id, fields)
        for attempt in range(_MOST_ATTEMPTS):
            file.seek(0)
            try:
                return database.files.put(file, **fields)
            except (FileExists, DuplicateKeyError):  # another delivery was faster
                found = database.file_documents.find_one({"filename": name, "metadata.source_md5": digest}, {"_id": 1})
                if found is not None:
                    return found["_id"]
                if attempt == _MOST_ATTEMPTS - 1:
                    raise
    raise AssertionError("unreachable")


def _deliver_artifact(
    run: StoredRun, run_id: Any, name: str, details: object, lost_id: Any, database: Database
) -> None:
    details = details if isinstance(details, dict) else {}
    with open_inside(run.directory, name) as file:
        _refuse_hole(file)
        fields = {
            "filename": f"artifact://runs/{run_id}/{to_bson(name)}",
            "metadata": to_bson(details.get("metadata")),
            "contentType": to_bson(details.get("content_type")) or mimetypes.guess_type(name)[0],
            "sha256": hex_digest(file, "sha256"),
        }
        if lost_id is not None:
            _store_again(database, file, lost_id, fields)
            return
        file.seek(0)
        file_id = database.files.put(file, **fields)
    pushed = database.runs.update_one(
        {"_id": run_id, "artifacts.name": {"$ne": to_bson(name)}},
        {"$push": {"artifacts": {"name": to_bson(name), "file_id": file_id}}},
    )
    if pushed.matched_count == 0:  # another delivery has it, or the run was deleted
        database.files.delete(file_id)


def _refuse_hole(file: BufferedReader) -> None:
    """Refuse a file that is large only by name: it would take hours to store the zeros that nobody wrote."""
    about = os.fstat(file.fileno())
    if about.st_size > _MOST_SPARSE and about.st_size > _MOST_HOLES * about.st_blocks * _BLOCK:
        raise ValueError(f"it has {about.st_size} bytes, nearly all of them in holes")


def _store_again(database: Database, file: BufferedReader, file_id: Any, fields: Mapping[str, Any]) -> Any:
    """Replace what is left of a file."""
    database.files.delete(file_id)
    file.seek(0)
    return database.files.put(file, _id=file_id, **fields)


def _pairs(stored: object) -> Iterator[Pair]:
    for pair in stored if isinstance(stored, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str):
            yield pair
