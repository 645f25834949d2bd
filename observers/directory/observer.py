"""Records each run of a Sacred experiment in RUNS/<id>/, in the layout of Sacred's FileStorageObserver."""

import shutil
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sacred.observers import FileStorageObserver, RunObserver
from sacred.utils import SacredError

from observers.directory.artifacts import store_by_content
from observers.directory.points import QueuedPoint
from observers.directory.recording import Recording
from observers.redaction import redact
from observers.system.files import make_directories, sync_directory, write_json
from observers.system.process import this_process


class RecordError(SacredError):
    """The run cannot be recorded; the message is one line for the user."""

    def __init__(self, message: str) -> None:
        super().__init__(message, print_traceback=False, print_usage=False)


class RunDirectoryObserver(FileStorageObserver):
    """Records each run in a directory of its own.

    Attributes:
        ignores_queued_points: whether the journal already has the points that Sacred hands over at heartbeats.
    """

    dir: Any  # of Sacred; None before a run has started

    def __init__(self, runs: str | Path, *, copy_output: bool = False) -> None:
        """Prepare to record; no file is written before a run starts.

        Args:
            runs: the directory of the runs; it is created if it is missing.
            copy_output: copy what is printed at once, in place of Sacred's capture, whose CAPTURE_MODE has to be "no".
        """
        super().__init__(str(runs))
        self.ignores_queued_points = False
        self._copy_output = copy_output
        self._identity: dict[str, Any] = {}
        self._created: Path | None = None
        self._recording: Recording | None = None

    @property
    def recording(self) -> Recording:
        """The files of the run.

        Raises:
            RuntimeError: no run has started.
        """
        if self._recording is None:
            raise RuntimeError("no run has started")
        return self._recording

    @property
    def directory(self) -> Path | None:
        """The directory of the run, None before it has started."""
        return self._recording.directory if self._recording is not None else None

    @property
    def uuid(self) -> str:
        """The name of the run wherever it is recorded, empty before it has started."""
        return str(self._identity.get("uuid", ""))

    @property
    def points(self) -> int:
        """The number of points logged."""
        return self._recording.points.journal.points if self._recording is not None else 0

    def started_event(self, *args: Any, **kwargs: Any) -> str | None:
        """Create the run directory and its first files.

        Raises:
            RecordError: the run cannot be recorded; a directory that this start created is removed.
        """
        self._created = self._recording = None
        self._identity = {"uuid": uuid.uuid4().hex, "process": this_process()}
        self.ignores_queued_points = False
        try:
            run_id: str | None = super().started_event(*args, **kwargs)
            self._recording = Recording(Path(self.dir), self.run_entry, self._identity, copy_output=self._copy_output)
        except BaseException as error:
            if self._created is not None:
                shutil.rmtree(self._created, ignore_errors=True)
            self.dir = None
            if isinstance(error, OSError):
                reason = error.strerror or error
                raise RecordError(f"cannot record the run in {self.basedir}: {reason}") from error
            raise
        return run_id

    def log_metrics(self, metrics_by_name: Mapping[str, Mapping[str, Any]], info: dict[str, Any]) -> None:
        """Append the points of a heartbeat, unless `log_points_at_once` has."""
        if not self.ignores_queued_points:
            self.recording.add_points(
                QueuedPoint(timestamp, name, value, step)
                for name, metric in metrics_by_name.items()
                for step, value, timestamp in zip(metric["steps"], metric["values"], metric["timestamps"], strict=True)
            )

    def heartbeat_event(self, info: dict[str, Any], captured_out: str, beat_time: datetime, result: Any) -> None:
        """Write what changes while a run goes on."""
        self.recording.share_info(info)
        self.recording.beat(captured_out, beat_time, result)

    def completed_event(self, stop_time: datetime, result: Any) -> None:
        """Record that the run is completed, and its result."""
        self._finish(stop_time, status="COMPLETED", result=result)

    def interrupted_event(self, interrupt_time: datetime, status: str) -> None:
        """Record that the run was interrupted."""
        self._finish(interrupt_time, status=status)

    def failed_event(self, fail_time: datetime, fail_trace: list[str]) -> None:
        """Record that the run failed, and its traceback."""
        self._finish(fail_time, status="FAILED", fail_trace=[redact(line) for line in fail_trace])

    def resource_event(self, filename: str) -> None:
        """Store a file that the run reads."""
        self.recording.change(filename, lambda: super(RunDirectoryObserver, self).resource_event(filename))

    def artifact_event(self, name: str, filename: str, metadata: Any = None, content_type: str | None = None) -> None:
        """Store a file that the run has made; a second file of the same name gets a number."""
        self.recording.add_artifact(name, Path(filename), {"metadata": metadata, "content_type": content_type})

    def save_json(self, obj: object, filename: str) -> None:
        """Replace a file of the run atomically; run.json also gets the uuid and the process."""
        content = {**obj, **self._identity} if isinstance(obj, dict) and filename == "run.json" else obj
        write_json(Path(self.dir) / filename, content)

    def find_or_save(self, filename: str, store_dir: str | Path) -> Path:
        """Store a source or a resource, once for all runs."""
        return store_by_content(Path(store_dir), Path(filename))

    def save_sources(self, ex_info: Mapping[str, Any]) -> list[list[str]]:
        """Store the sources, and flush their names, also of those that another run has just stored."""
        stored: list[list[str]] = super().save_sources(ex_info)
        if stored and self.copy_sources:
            sync_directory(Path(self.source_dir))
        return stored

    def render_template(self) -> None:
        """Write no report: Sacred would execute the Python in a template.html beside the runs."""

    def _make_run_dir(self, _id: Any) -> None:
        make_directories(Path(self.basedir))
        super()._make_run_dir(_id)
        self._created = Path(self.dir)
        sync_directory(self._created.parent)

    def _finish(self, time: datetime, **fields: Any) -> None:
        if self._recording is not None:
            self._recording.finish(time, **fields)


def directory_of(observers: Iterable[RunObserver]) -> Path | None:
    """Return the directory of the run that these observers record, None if none of them writes to disk."""
    for observer in observers:
        if isinstance(observer, FileStorageObserver) and observer.dir is not None:
            return Path(observer.dir)
    return None


def uuid_of(observers: Iterable[RunObserver]) -> str:
    """Return the name that the run has wherever it is recorded, empty if it is not recorded on disk."""
    return next((observer.uuid for observer in observers if isinstance(observer, RunDirectoryObserver)), "")
