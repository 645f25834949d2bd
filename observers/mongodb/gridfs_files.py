"""Stores the sources and artifacts of runs in GridFS."""

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import bson
from bson import ObjectId
from gridfs.errors import FileExists
from pymongo.errors import DuplicateKeyError
from sacred.dependencies import get_digest

from observers.mongodb.database import Database
from observers.stored_runs.stored_run import StoredRun
from observers.system.stderr import Warn


def deliver_sources(run: StoredRun, database: Database, warn: Warn) -> list[list[Any]]:
    """Store each source once for all runs that have the same.

    Returns:
        The name and the id of each source.
    """
    delivered = []
    for name, copy in (run.entry.get("experiment") or {}).get("sources", []):
        try:
            delivered.append([name, _deliver_source(name, run.directory.parent / copy, database)])
        except OSError as error:
            warn(f"source {name}: {error.strerror}")
    return delivered


def deliver_artifacts(run: StoredRun, run_id: int, names: Iterable[str], database: Database, warn: Warn) -> None:
    """Store those files of a run directory as artifacts that the run document does not have yet."""
    names = list(names)
    if not names:
        return
    found = database.runs.find_one({"_id": run_id}, {"artifacts": 1}) or {}
    delivered = {artifact["name"] for artifact in found.get("artifacts", [])}
    details = run.entry.get("artifact_details") or {}
    for name in names:
        if name not in delivered:
            try:
                _deliver_artifact(run.directory, run_id, name, details.get(name) or {}, database)
            except (OSError, bson.errors.BSONError, OverflowError, UnicodeError) as error:
                warn(f"artifact {name}: {error}")


def _deliver_source(name: str, path: Path, database: Database) -> ObjectId:
    digest = get_digest(str(path))
    while True:
        found = database.file_documents.find_one({"filename": name, "metadata.source_md5": digest}, {"_id": 1})
        if found is not None:
            return found["_id"]
        try:
            with path.open("rb") as file:
                return database.files.put(file, filename=name, metadata={"source_md5": digest})
        except (FileExists, DuplicateKeyError):
            continue


def _deliver_artifact(directory: Path, run_id: int, name: str, details: Mapping[str, Any], database: Database) -> None:
    content_type = details.get("content_type") or mimetypes.guess_type(name)[0]
    with (directory / name).open("rb") as file:
        file_id = database.files.put(
            file,
            filename=f"artifact://runs/{run_id}/{name}",
            metadata=details.get("metadata"),
            contentType=content_type,
        )
    pushed = database.runs.update_one(
        {"_id": run_id, "artifacts.name": {"$ne": name}},
        {"$push": {"artifacts": {"name": name, "file_id": file_id}}},
    )
    if pushed.matched_count == 0:
        database.files.delete(file_id)
