"""Writes the files of a run directory that are missing or damaged, from what MongoDB holds of the run.

What is left of a damaged file stays beside the new one, under a name that begins with a dot.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from gridfs.errors import GridFSError

from observers.directory.journal import JOURNAL
from observers.directory.metrics_file import METRICS, write_metrics
from observers.directory.recording import NOTES, OUTPUT, OWN_FILES
from observers.errors import line_of_error
from observers.mongodb.database import Database
from observers.mongodb.documents.bson_values import to_bson
from observers.mongodb.documents.file_contents import recorded_digest
from observers.mongodb.documents.notes_delivery import notes_in
from observers.mongodb.restoring.entries import artifacts_of, config_of, info_of, run_entry, sources_of
from observers.mongodb.restoring.points import has_more_points, write_journal
from observers.stored_runs.liveness import read_time
from observers.stored_runs.notes import change_notes, read_notes
from observers.system.files import atomic_write, hex_digest, write_json
from observers.system.stderr import Warn
from observers.system.untrusted.json_files import read_json_inside
from observers.system.untrusted.opening import open_inside, size_inside

_DAMAGED = ".damaged"


class Restoration:
    """Restores one run, file by file.

    Attributes:
        restored: the names of the files that were written.
    """

    def __init__(
        self, directory: Path, runs: Path, document: Mapping[str, Any], database: Database, warn: Warn
    ) -> None:
        """Prepare to restore.

        Args:
            directory: of the run, which exists.
            runs: the directory of the runs, for the copies of sources.
            document: of the run in MongoDB.
            database: that holds the document.
            warn: called with each file that MongoDB does not hold as a whole.
        """
        self.restored: list[str] = []
        self._directory = directory
        self._runs = runs
        self._document = document
        self._database = database
        self._warn = warn
        self._artifacts = dict(artifacts_of(document))

    def restore(self) -> None:
        """Write what is missing or damaged, and run.json last: it makes the directory a run.

        Raises:
            OSError: a file cannot be written.
            PyMongoError: the database failed.
        """
        for name, copy, file_id in sources_of(self._document, self._database):
            self._restore_file(f"source {name}", self._runs, copy, file_id)
        for name, file_id in self._artifacts.items():
            if name not in OWN_FILES:
                self._restore_file(name, self._directory, name, file_id)
        self._restore_json("config.json", config_of(self._document))
        self._restore_json("info.json", info_of(self._document))
        self._restore_output()
        self._restore_points()
        self._restore_notes()
        self._restore_json("run.json", run_entry(self._document, self._database))

    def _restore_file(self, item: str, root: Path, name: str, file_id: Any) -> None:
        """Write a file of GridFS, if there is none with the content that it had when it was stored."""
        about = self._database.file_documents.find_one({"_id": file_id}) or {}
        method, recorded = recorded_digest(about)
        try:
            with open_inside(root, name) as file:
                if recorded in (None, hex_digest(file, method)):
                    return
        except FileNotFoundError:
            pass
        except OSError as error:  # a link, or no file
            self._warn(f"{item}: {line_of_error(error)}")
            return

        def copy(target: IO[bytes]) -> None:
            digest = hashlib.new(method)
            with self._database.files.get(file_id) as stored:
                for chunk in iter(lambda: stored.read(1 << 20), b""):
                    digest.update(chunk)
                    target.write(chunk)
            if recorded not in (None, digest.hexdigest()):
                raise ValueError("MongoDB holds a damaged copy")

        if (root / name).parent.resolve().is_relative_to(root.resolve()):  # no link on the way leads out
            self._write(item, root / name, copy)
        else:
            self._warn(f"{item}: its directory is a link that leads out of {root}")

    def _restore_json(self, name: str, content: object) -> None:
        """Write a JSON file of the run, if there is none that can be read."""
        here = self._read_here(name)
        if here is not None and not self._has_more(name, here, content):
            return
        if here is not None and isinstance(content, dict) and name != "run.json":
            content = {**content, **here}
        if name in self._artifacts:  # it was too large for the document
            self._restore_file(name, self._directory, name, self._artifacts[name])
        elif content is None:
            self._warn(f"{name}: MongoDB does not hold it")
        else:
            self._keep_damaged(self._directory / name)
            write_json(self._directory / name, content)
            self.restored.append(name)

    def _read_here(self, name: str) -> dict[str, Any] | None:
        try:
            content = read_json_inside(self._directory, name)
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def _has_more(self, name: str, here: Mapping[str, Any], content: object) -> bool:
        """Tell whether MongoDB has entries that a file lacks, or knows how the run ended, and run.json does not."""
        if name != "run.json":
            return isinstance(content, dict) and bool(content.keys() - to_bson(dict(here)).keys())
        heartbeats = read_time(here.get("heartbeat")), read_time(self._document.get("heartbeat"))
        is_over = self._document.get("status") not in (None, "RUNNING", here.get("status"))
        return is_over and None not in heartbeats and str(heartbeats[0]) < str(heartbeats[1])

    def _restore_output(self) -> None:
        output = self._document.get("captured_out")
        content = output.encode("utf-8", "replace") if isinstance(output, str) else b""
        size = size_inside(self._directory, OUTPUT)
        if OUTPUT in self._artifacts:
            self._restore_file(OUTPUT, self._directory, OUTPUT, self._artifacts[OUTPUT])
        elif size is None or size < len(content):
            self._write(OUTPUT, self._directory / OUTPUT, lambda target: target.write(content))

    def _restore_points(self) -> None:
        """Write the journal, if MongoDB holds more points than can be read of it, and metrics.json."""
        journal, run = self._directory / JOURNAL, str(self._document["info"]["uuid"])
        if JOURNAL in self._artifacts:
            self._restore_file(JOURNAL, self._directory, JOURNAL, self._artifacts[JOURNAL])
        else:
            is_there = size_inside(self._directory, JOURNAL) is not None
            if not is_there or has_more_points(journal, run, self._database):
                new = self._directory / f".{JOURNAL}.{uuid.uuid4().hex[:12]}"
                try:
                    write_journal(new, run, self._database, journal if is_there else None)
                    self._keep_damaged(journal)
                    new.replace(journal)
                finally:
                    new.unlink(missing_ok=True)
                self.restored.append(JOURNAL)
        if self._read_here(METRICS) is None or JOURNAL in self.restored:
            write_metrics(journal, self._directory / METRICS, self._warn)
            self.restored.append(METRICS)

    def _restore_notes(self) -> None:
        notes = notes_in(self._document.get("omniboard"))
        try:
            if read_notes(self._directory) == notes or not (notes.tags or notes.text):
                return
            change_notes(self._directory, lambda here: here.with_tags(add=notes.tags) if here.text else notes)
        except ValueError:
            self._keep_damaged(self._directory / NOTES)
            change_notes(self._directory, lambda _: notes)
        self.restored.append(NOTES)

    def _write(self, item: str, path: Path, write: Callable[[IO[bytes]], object]) -> None:
        """Write a file as a whole, or report why that is not possible."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with atomic_write(path) as target:
                write(target)
                self._keep_damaged(path)
        except (GridFSError, ValueError) as error:
            self._warn(f"{item}: MongoDB has lost it ({error})")
            return
        self.restored.append(item)

    def _keep_damaged(self, path: Path) -> None:
        """Move what is left of a file out of the way; an empty one is no loss."""
        if path.is_file() and path.stat().st_size:
            path.replace(path.with_name(f"{_DAMAGED}-{path.name}-{uuid.uuid4().hex[:8]}"))
