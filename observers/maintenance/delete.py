"""Deletes recorded runs, on disk and in MongoDB."""

import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from observers.mongodb.database import Database
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun, read_run
from observers.system.files import read_json


class Deletion:
    """Deletes runs, and the sources that no other run has."""

    def __init__(self, directories: Iterable[Path], database: Database | None) -> None:
        """Find what is to be deleted; nothing is deleted yet.

        Raises:
            ValueError: a run is still running, or a directory is a link.
            PyMongoError: the database does not answer.
        """
        self._database = database
        self._runs = [(directory, _read_if_possible(directory)) for directory in dict.fromkeys(directories)]
        for directory, run in self._runs:
            if directory.is_symlink():
                raise ValueError(f"{directory} is a link to {directory.resolve()}: delete that run, or the link")
            if run is not None and run.status == "RUNNING" and is_running(run.entry):
                raise ValueError(f"{directory} is still running: stop it first")
        uuids = [_uuid(directory, run) for directory, run in self._runs]
        self._documents = (
            list(database.runs.find({"info.uuid": {"$in": [uuid for uuid in uuids if uuid]}}))
            if database is not None
            else []
        )

    def plan(self) -> Iterator[str]:
        """List what will be deleted, a line each."""
        documents = {document["info"]["uuid"]: document for document in self._documents}
        for directory, run in self._runs:
            status = run.status if run is not None else "damaged"
            files = sum(path.is_file() for path in directory.rglob("*"))
            document = documents.get(_uuid(directory, run))
            tagged = f", tagged {', '.join(run.notes.tags)}" if run is not None and run.notes.tags else ""
            line = f"{directory} ({status}{tagged}): {files} files"
            if document is not None:
                artifacts = len(document.get("artifacts") or [])
                line += f"; as {document['_id']} in MongoDB with metrics and {artifacts} artifact(s)"
            yield line
        if self._database is None:
            yield "nothing in MongoDB: no address was given"
        elif self._documents:
            yield f"{len(self._unused_files(self._database))} sources in MongoDB that no other run has"

    def execute(self) -> None:
        """Delete from the database, then from the disk; after an interruption, a second call continues."""
        if self._database is not None:
            self._delete_documents(self._database)
        for directory, run in self._runs:
            copies = _copies(run)
            renamed = directory.with_name(f".deleted-{directory.name}-{uuid.uuid4().hex[:8]}")
            directory.rename(renamed)
            shutil.rmtree(renamed)
            _delete_unused(directory.parent, copies)

    def _delete_documents(self, database: Database) -> None:
        unused = self._unused_files(database)
        for document in self._documents:
            database.metrics.delete_many({"run_id": document["_id"]})
            for artifact in document.get("artifacts") or []:
                database.files.delete(artifact["file_id"])
        for file_id in unused:
            database.files.delete(file_id)
        for document in self._documents:
            database.runs.delete_one({"_id": document["_id"]})

    def _unused_files(self, database: Database) -> list[Any]:
        """Return the ids of the sources that only the deleted runs have."""
        sources = {source[1] for document in self._documents for source in _sources(document)}
        deleted = [document["_id"] for document in self._documents]
        others = database.runs.find({"_id": {"$nin": deleted}}, {"experiment.sources": 1})
        return sorted(sources - {source[1] for document in others for source in _sources(document)})


def _read_if_possible(directory: Path) -> StoredRun | None:
    try:
        return read_run(directory)
    except (ValueError, OSError):
        return None


def _uuid(directory: Path, run: StoredRun | None) -> str | None:
    """Return the uuid of a run, of a damaged one from its info.json; None if that is lost as well."""
    if run is not None:
        return run.uuid
    try:
        info = read_json(directory / "info.json")
    except (ValueError, OSError):
        return None
    uuid = info.get("uuid") if isinstance(info, dict) else None
    return uuid if isinstance(uuid, str) else None


def _sources(entry: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    sources: Sequence[Sequence[Any]] = (entry.get("experiment") or {}).get("sources", [])
    return sources


def _copies(run: StoredRun | None) -> set[str]:
    return {str(copy) for _, copy in _sources(run.entry)} if run is not None else set()


def _delete_unused(runs: Path, copies: set[str]) -> None:
    """Delete copies of sources that no remaining run has; if a run cannot be read, delete none."""
    skipped: list[str] = []
    used = set().union(*(_copies(run) for run in read_runs(runs, skipped.append)))
    if not skipped:
        for copy in copies - used:
            (runs / copy).unlink(missing_ok=True)
