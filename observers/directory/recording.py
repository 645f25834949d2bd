"""The files of a run under way, from its start to its end."""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from observers.directory.artifacts import store_artifact
from observers.directory.journal import JOURNAL
from observers.directory.metrics_file import METRICS
from observers.directory.points import PointFiles, QueuedPoint
from observers.system.files import PeriodicSync, sync_directory, write_json
from observers.system.full_disk import RESERVE, FullDiskRetry
from observers.system.output_copy import OutputCopy

OUTPUT = "cout.txt"
NOTES = "notes.json"
OWN_FILES = ("run.json", "config.json", "info.json", METRICS, OUTPUT, JOURNAL, NOTES, RESERVE)


class Recording:
    """Writes the files of a run; one that cannot be written is reported once and does not affect the others.

    Attributes:
        directory: of the run.
        entry: the content of run.json.
        info: the content of info.json.
        retry: calls what writes a file.
        points: the metric points.
    """

    def __init__(
        self, directory: Path, entry: dict[str, Any], identity: Mapping[str, Any], *, copy_output: bool
    ) -> None:
        """Create the files that Sacred has not.

        Args:
            directory: of the run.
            entry: the content of run.json.
            identity: the uuid and the process, which run.json has as well.
            copy_output: whether to copy what is printed.

        Raises:
            OSError: a file cannot be written.
        """
        self.directory = directory
        self.retry = FullDiskRetry(directory)
        self.entry = entry
        self.info: dict[str, Any] = {"uuid": identity["uuid"]}
        self._identity = identity
        self._lock = threading.RLock()
        entry["heartbeat"] = entry["start_time"]
        write_json(directory / "info.json", self.info)
        self.points = PointFiles(directory, self.retry.warn)
        self.write_entry()
        self._copy = OutputCopy(directory / OUTPUT) if copy_output else None
        self.captured_out = ""
        self._written_characters = 0
        sync_directory(directory)
        syncs = [self.points.journal.sync, *([self._copy.sync] if self._copy is not None else [])]
        self._periodic_sync = PeriodicSync(syncs)
        if self._copy is not None:
            self._copy.begin()

    @property
    def is_running(self) -> bool:
        """Whether the run has not ended; Sacred waits two seconds for its last heartbeat, which may come later."""
        return bool(self.entry["status"] == "RUNNING")

    def share_info(self, info: dict[str, Any]) -> None:
        """Record the info of the run, which it may still change, and add the uuid."""
        info["uuid"] = self._identity["uuid"]
        self.info = info

    def add_points(self, points: Iterable[QueuedPoint]) -> None:
        """Append points that were logged some time ago."""
        with self._lock:
            self.points.queue(points)
            self.retry("a point", self.points.append_queued if self.is_running else self.points.append_after_end)

    def beat(self, captured_out: str, time: datetime, result: Any) -> None:
        """Write what changes while the run goes on; after its end, only info.json and the output."""
        with self._lock:
            self.captured_out = captured_out
            if not self.is_running:
                self._write_info_and_output()
                return
            self._set_heartbeat(time)
            self.entry["result"] = result
            self.retry("the journal", self.points.journal.sync)
            self._write_info_and_output()
            self.retry(METRICS, self.points.write_metrics_if_cheap)
            self.retry("run.json", self.write_entry)

    def add_artifact(self, name: str, source: Path, details: Mapping[str, Any]) -> None:
        """Store a file that the run has made, and its metadata and content type if it has any."""
        with self._lock:
            self.retry(f"artifact {name}", lambda: self._add_artifact(name, source, details))

    def change(self, item: str, function: Callable[[], object]) -> None:
        """Call a function that changes the entry, while nothing else writes."""
        with self._lock:
            self.retry(item, function)

    def finish(self, stop_time: datetime, **fields: Any) -> None:
        """Write how the run ended."""
        with self._lock:
            self._set_heartbeat(datetime.utcnow())  # Sacred's last heartbeat came after its stop time
            self.entry.update(fields, stop_time=stop_time.isoformat())
            self.retry("a point", self.points.append_queued)
            self._periodic_sync.end()
            self.retry("the journal", self.points.journal.sync)
            if self._copy is not None:
                self.retry(OUTPUT, self._copy.end)
            self._write_info_and_output()
            self.retry("run.json", self.write_entry)
            self.retry(METRICS, self.points.write_metrics)
            self.retry("the journal", self.points.journal.close)
            self.retry(RESERVE, self.retry.release_reserve)

    def write_entry(self) -> None:
        """Write run.json."""
        write_json(self.directory / "run.json", {**self.entry, **self._identity})

    def _add_artifact(self, name: str, source: Path, details: Mapping[str, Any]) -> None:
        stored = store_artifact(self.directory, name, source, reserved=OWN_FILES)
        if stored not in self.entry["artifacts"]:
            self.entry["artifacts"].append(stored)
        if any(details.values()):
            self.entry.setdefault("artifact_details", {})[stored] = dict(details)
        self.write_entry()

    def _set_heartbeat(self, time: datetime) -> None:
        """Set the time of the last heartbeat, never back: deliveries tell earlier states of a run from later ones."""
        self.entry["heartbeat"] = max(time.isoformat(), self.entry["heartbeat"])

    def _write_info_and_output(self) -> None:
        if self._copy is None:
            self.retry(OUTPUT, self._append_captured)
        self.retry("info.json", lambda: write_json(self.directory / "info.json", self.info))

    def _append_captured(self) -> None:
        """Append what Sacred has captured since the last call."""
        with (self.directory / OUTPUT).open("ab") as file:
            file.write(self.captured_out[self._written_characters :].encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        self._written_characters = len(self.captured_out)
