"""Makes the JSON files of a run directory from its run document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from bson import ObjectId

from observers.directory.recording import OWN_FILES
from observers.mongodb.database import Database
from observers.mongodb.documents.file_contents import recorded_digest
from observers.mongodb.stored_files import artifacts_in, sources_in
from observers.system.json_values import name_floats

_NOT_OF_THE_ENTRY = (
    *("_id", "format", "config", "info", "captured_out", "artifacts"),
    *("omniboard", "delivered", "delivered_notes", "seen"),
)


def run_entry(document: Mapping[str, Any], database: Database) -> dict[str, Any]:
    """Return the content of run.json; its times have the milliseconds that MongoDB keeps."""
    entry = {name: _plain(value) for name, value in document.items() if name not in _NOT_OF_THE_ENTRY}
    experiment = entry.get("experiment")
    details = {}
    for name, file_id in artifacts_of(document):
        about = database.file_documents.find_one({"_id": file_id}) or {}
        if about.get("metadata") is not None:
            details[name] = {"metadata": _plain(about["metadata"]), "content_type": about.get("contentType")}
    return {
        **entry,
        "experiment": {
            **(experiment if isinstance(experiment, dict) else {}),
            "sources": [[name, copy] for name, copy, _ in sources_of(document, database)],
        },
        "resources": [[name, copy_name("_resources", name, md5)] for name, md5 in entry.get("resources") or []],
        "artifacts": [name for name, _ in artifacts_of(document) if name not in OWN_FILES],
        **({"artifact_details": details} if details else {}),
    }


def config_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the content of config.json, None if the document has none."""
    return _plain(document["config"]) if isinstance(document.get("config"), dict) else None


def info_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the content of info.json, None if the document has none, or only a part."""
    info = document.get("info")
    if not isinstance(info, dict) or "left_out" in info:
        return None
    return {name: _plain(value) for name, value in info.items() if name != "metrics"}


def artifacts_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the name and the GridFS id of each artifact."""
    for artifact in artifacts_in(document):
        if isinstance(artifact.get("name"), str) and "file_id" in artifact:
            yield artifact["name"], artifact["file_id"]


def sources_of(document: Mapping[str, Any], database: Database) -> Iterator[tuple[str, str, Any]]:
    """Yield the name, the copy in the directory of runs, and the GridFS id of each source that GridFS knows."""
    for source in sources_in(document):
        if len(source) == 2 and isinstance(source[0], str):
            about = database.file_documents.find_one({"_id": source[1]}, {"metadata": 1}) or {}
            method, digest = recorded_digest(about)
            if method == "md5" and isinstance(digest, str):
                yield source[0], copy_name("_sources", source[0], digest), source[1]


def copy_name(directory: str, name: str, md5: str) -> str:
    """Return the name of a copy that all runs share, as Sacred gives it."""
    path = PurePath(name)
    return f"{directory}/{path.stem}_{md5}{path.suffix}"


def _plain(value: Any) -> Any:
    """Return a value of BSON as one of JSON."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else name_floats(value)
