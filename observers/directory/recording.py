"""The files of a run under way, from its start to its end."""

import functools
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from observers.directory.artifacts import store_artifact
from observers.directory.journal import JOURNAL
from observers.directory.metrics_file import METRICS
from observers.directory.output_copy import CapturedOutput, OutputCopy
from observers.directory.points import PointFiles, QueuedPoint
from observers.directory.start.new_directory import give_name
from observers.system.files import PeriodicSync, sync_directory, write_changed_json, write_json, write_missing
from observers.system.process import make_lock, refuse_forks
from observers.system.retry import RESERVE, WriteRetry

_BEAT_PATIENCE = 1.0  # seconds that attempts may wait at a heartbeat and until the next
_END_PATIENCE = 4.0  # and at the end of the run

CONFIG = "config.json"
OUTPUT = "cout.txt"
NOTES = "notes.json"
OWN_FILES = ("run.json", CONFIG, "info.json", METRICS, OUTPUT, JOURNAL, NOTES, RESERVE)


class Recording:
    """Writes the files of a run; one that cannot be written is reported once and does not affect the others.

    Attributes:
        directory: of the run.
        entry: the content of run.json, without the identity.
        identity: the uuid and the process of the run, and its directory, which a copy does not have.
        info: the content of info.json.
        retry: calls what writes a file.
        points: the metric points.
        abandon: closes the files of a run that does not start.
    """

    def __init__(
        self, directory: Path, entry: dict[str, Any], identity: Mapping[str, Any], *, copy_output: bool
    ) -> None:
        """Create the files that Sacred has not; nothing is recorded before `begin`.

        Args:
            directory: of the run, under a temporary name.
            entry: the content of run.json, without the identity.
            identity: the uuid and the process.
            copy_output: whether to copy what is printed.

        Raises:
            OSError: a file cannot be written.
        """
        self.directory, self.entry = directory, entry
        self.retry = WriteRetry(directory, _BEAT_PATIENCE)
        self.retry.keeps_reserve = True  # for the end of the run
        self.info: dict[str, Any] = {"uuid": identity["uuid"]}
        self.identity = dict(identity)
        self._lock = make_lock()
        self._config = (directory / CONFIG).read_bytes()
        entry["heartbeat"] = entry["start_time"]
        write_changed_json(directory / "info.json", self.info)
        self._captured = CapturedOutput(directory / OUTPUT)
        with ExitStack() as opened:
            self.points = PointFiles(directory, self.retry)
            opened.callback(self.points.close)
            self._copy = OutputCopy(directory / OUTPUT) if copy_output else None
            copies = [self._copy] if self._copy is not None else []
            for copy in copies:
                opened.callback(copy.abandon)
            self._periodic_sync = PeriodicSync([self.points.journal.sync, *(copy.sync for copy in copies)])
            opened.callback(self._periodic_sync.end)
            self.abandon = opened.pop_all().close

    def begin(self, directory: Path) -> None:
        """Give the directory, whose files are complete, its final name, and begin to copy the output.

        Raises:
            OSError: there is a directory of that name which is not empty, or run.json cannot be written.
        """
        self.identity = {**self.identity, "directory": str(directory.parent.resolve() / directory.name)}
        self._write_entry()
        sync_directory(self.directory)
        give_name(self.directory, directory)
        self.directory = self.retry.directory = directory
        self.points.move(directory)
        self._captured.path = directory / OUTPUT
        if self._copy is not None:
            self._copy.move(directory / OUTPUT)
            self._copy.begin()

    @property
    def is_running(self) -> bool:
        """Whether the run has not ended; Sacred waits two seconds for its last heartbeat, which may come later."""
        return bool(self.entry["status"] == "RUNNING")

    def share_info(self, info: dict[str, Any]) -> None:
        """Record the info of the run, which it may still change, and add the uuid."""
        info["uuid"] = self.identity["uuid"]
        self.info = info

    def add_points(self, points: Iterable[QueuedPoint]) -> None:
        """Append points that were logged some time ago."""
        with self._lock:
            self.points.queue(points)
            self.retry("a point", self.points.append_queued if self.is_running else self.points.append_after_end)

    def beat(self, captured_out: str, time: datetime, result: Any) -> None:
        """Write what changes while the run goes on; after its end, only info.json and the output."""
        with self._lock:
            self._captured.text = captured_out
            if not self.is_running:
                self._write_info_and_output()
                self.retry.report_end()
                return
            self._set_heartbeat(time)
            self.entry["result"] = result
            self.retry.try_again(_BEAT_PATIENCE)
            self._keep_files()
            self._write_info_and_output()
            self.retry(METRICS, self.points.write_metrics_if_cheap)
            self.retry("run.json", self._write_entry)

    def add_artifact(self, name: str, source: Path, details: Mapping[str, Any]) -> None:
        """Store a file that the run has made, and its metadata and content type if it has any."""
        self.change(f"artifact {name}", lambda: self._add_artifact(name, source, details))

    def change(self, item: str, function: Callable[[], object]) -> None:
        """Call a function that changes the entry, while nothing else writes."""
        with self._lock:
            self.retry(item, function)

    def finish(self, stop_time: datetime, **fields: Any) -> None:
        """Write how the run ended."""
        with self._lock:
            self._set_heartbeat(datetime.utcnow())  # Sacred's last heartbeat came after its stop time
            self.entry.update(fields, stop_time=stop_time.isoformat())
            self.retry.try_again(_END_PATIENCE, is_end=True)
            self.retry("a point", self.points.append_queued)
            self._periodic_sync.end()
            self._keep_files()
            if self._copy is not None:
                self.retry(OUTPUT, self._copy.end)
            self._write_info_and_output()
            self.retry.keeps_reserve = False
            self.retry("run.json", functools.partial(self._write_entry, sync_name=True))
            self._write_info_and_output()
            self.points.write_last()
            self.retry.try_again(None, is_end=True)
            self.points.close()
            self.points.write_last_metrics()
            self.retry.release_reserve()
            self.retry("run.json", self._write_losses)
            self.retry.report_end()

    @property
    def unrecorded(self) -> list[str]:
        """What is not recorded of the run, a name for each file or artifact; empty if the record is whole."""
        return self.retry.unrecorded

    def _write_entry(self, *, sync_name: bool = False) -> None:
        refuse_forks(self.identity["process"])
        if sync_name:  # it comes after the files that it tells of
            sync_directory(self.directory)
        write_json(self.directory / "run.json", {**self.entry, **self.identity}, sync_name=sync_name)

    def _write_losses(self) -> None:
        if self.retry.losses:  # for those who did not see the lines
            self.entry["unrecorded"] = self.retry.losses
            self._write_entry()

    def _add_artifact(self, name: str, source: Path, details: Mapping[str, Any]) -> None:
        stored = store_artifact(self.directory, name, source, reserved=OWN_FILES)
        if stored not in self.entry["artifacts"]:
            self.entry["artifacts"].append(stored)
        if any(details.values()):
            self.entry.setdefault("artifact_details", {})[stored] = dict(details)
        self._write_entry(sync_name=True)

    def _set_heartbeat(self, time: datetime) -> None:
        """Set the time of the last heartbeat, never back: deliveries tell earlier states of a run from later ones."""
        self.entry["heartbeat"] = max(time.isoformat(), self.entry["heartbeat"])

    def _keep_files(self) -> None:
        """Sync the journal, and write files again that others have removed, replaced or cut; tell what is lost."""
        self.retry(JOURNAL, self.points.keep_journal)
        self.retry(CONFIG, self._restore_config)
        if self._copy is not None:
            self.retry(OUTPUT, functools.partial(self._copy.keep, self.retry))

    def _restore_config(self) -> None:
        if write_missing(self.directory / CONFIG, self._config):
            self.retry.tell(f"{CONFIG} was removed while the run went on, and is written again")

    def _write_info_and_output(self) -> None:
        if self._copy is None:
            self.retry(OUTPUT, self._captured.write)
        self.retry("info.json", lambda: write_changed_json(self.directory / "info.json", self.info))
