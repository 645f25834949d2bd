"""Compares the contents of sources and artifacts in GridFS with those on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from observers.mongodb.database import Database
from observers.mongodb.documents.bson_values import to_bson
from observers.mongodb.documents.gridfs_files import artifacts_of, sources_of
from observers.stored_runs.stored_run import StoredRun
from observers.system.files import hex_digest
from observers.system.stderr import Warn
from observers.system.untrusted.opening import open_inside


def find_damaged(
    run: StoredRun, files: Mapping[str, Any], database: Database, warn: Warn, *, further: Iterable[str] = ()
) -> dict[str, Any]:
    """Compare the contents of files in GridFS with those on disk.

    Args:
        run: on disk.
        files: the ids of its artifacts and sources, by `artifact <name>` and `source <name>`.
        database: that holds them.
        warn: called with the files that only MongoDB has whole, and with those that neither has.
        further: files of the run directory that are artifacts in MongoDB only.

    Returns:
        The ids of those that the disk can replace.
    """
    on_disk = {f"source {to_bson(name)}": (run.directory.parent, copy) for name, copy in sources_of(run)}
    on_disk |= {f"artifact {to_bson(name)}": (run.directory, name) for name in [*artifacts_of(run), *further]}
    damaged = {}
    for name, file_id in files.items():
        if name not in on_disk:
            continue
        about = database.file_documents.find_one({"_id": file_id}) or {}
        method, recorded = recorded_digest(about)
        there = _digest_there(database, file_id, method)
        try:
            with open_inside(*on_disk[name]) as file:
                here: str | None = hex_digest(file, method)
        except OSError:
            here = None
        if there == here is not None:
            continue
        if here is not None and recorded in (None, here):
            damaged[name] = file_id
        elif there is not None and recorded in (None, there):
            warn(f"{name} is damaged on disk, and whole in MongoDB")
        else:
            warn(f"{name} is damaged on disk and in MongoDB")
    return damaged


def recorded_digest(about: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the method and the digest that a file had when it was stored; earlier versions recorded none."""
    metadata = about.get("metadata")
    source = metadata.get("source_md5") if isinstance(metadata, dict) else None
    return ("md5", source) if source is not None else ("sha256", about.get("sha256"))


def _digest_there(database: Database, file_id: Any, method: str) -> str | None:
    """Return the digest of the chunks of a file, None if they are not as many bytes as they were."""
    digest, length = hashlib.new(method), 0
    about = database.file_documents.find_one({"_id": file_id}, {"length": 1})
    for number, chunk in enumerate(database.chunks.find({"files_id": file_id}).sort("n", 1)):
        content = chunk.get("data")
        if chunk.get("n") != number or not isinstance(content, bytes):
            return None
        digest.update(content)
        length += len(content)
    return digest.hexdigest() if about is not None and about.get("length") == length else None
