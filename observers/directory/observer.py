"""Records each run of a Sacred experiment in RUNS/<id>/, in the layout of Sacred's FileStorageObserver."""

from __future__ import annotations

import functools
import shutil
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sacred.observers import FileStorageObserver, RunObserver
from sacred.utils import SacredError

from observers.directory.artifacts import store_by_content
from observers.directory.log_scalar import JournalingObserver, attach_to_starting_run
from observers.directory.points import QueuedPoint
from observers.directory.recording import Recording
from observers.directory.start.ids import give_id
from observers.directory.start.new_directory import make_directory, remove_leftovers
from observers.errors import phrase_of
from observers.redaction import redact
from observers.system.files import make_directories, sync_directory, write_json
from observers.system.process import is_this, refuse_forks, this_process
from observers.system.retry import call_patiently

_START_PATIENCE = 1.0  # seconds that attempts to start may wait


class RecordError(SacredError):
    """The run cannot be recorded; the message is one line for the user."""

    __module__ = "observers"  # whose name Sacred prints before the message, and which exports it

    def __init__(self, message: str) -> None:
        super().__init__(message, print_traceback=False, print_usage=False)


class RunDirectoryObserver(JournalingObserver, FileStorageObserver):
    """Records each run in a directory of its own, and each of its points when it is logged."""

    dir: Any  # of Sacred; None before a run has started

    def __init__(self, runs: str | Path, *, copy_output: bool = False) -> None:
        """Prepare to record; no file is written before a run starts.

        Args:
            runs: the directory of the runs; it is created if it is missing.
            copy_output: copy what is printed at once, in place of Sacred's capture, whose CAPTURE_MODE has to be "no".
        """
        self.initialize(runs, Path(runs, "_resources"), Path(runs, "_sources"), None)  # looks for no template.html
        self.copies_output = copy_output
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

    @property
    def unrecorded(self) -> list[str]:
        """What could not be recorded of the run, a name for each file or artifact; empty if the record is whole."""
        return self._recording.unrecorded if self._recording is not None else []

    def started_event(self, *args: Any, _id: Any = None, **kwargs: Any) -> str | None:
        """Create the first files of the run, and its directory when they are complete.

        Raises:
            RecordError: the run cannot be recorded; nothing remains of this start.
        """
        self._identity = {"uuid": uuid.uuid4().hex, "process": this_process()}
        self.ignores_queued_points = self.writes_at_once = False
        try:
            call_patiently(functools.partial(self._start, *args, _id=_id, **kwargs), _START_PATIENCE)
        except OSError as error:
            raise RecordError(f"cannot record the run in {self.basedir}: {phrase_of(error)}") from error
        remove_leftovers(Path(self.basedir))
        attach_to_starting_run(self)
        return Path(self.dir).name if _id is None else _id

    def log_metrics(self, metrics_by_name: Mapping[str, Mapping[str, Any]], info: dict[str, Any]) -> None:
        """Append the points of a heartbeat, unless they were written when they were logged."""
        if not self.ignores_queued_points:
            self.recording.add_points(
                QueuedPoint(timestamp, name, value, step)
                for name, metric in metrics_by_name.items()
                for step, value, timestamp in zip(metric["steps"], metric["values"], metric["timestamps"])
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
        identity = self._recording.identity if self._recording is not None else self._identity
        refuse_forks(identity["process"])
        content = {**obj, **identity} if isinstance(obj, dict) and filename == "run.json" else obj
        write_json(Path(self.dir) / filename, content, sync_name=self._recording is not None)

    def find_or_save(self, filename: str, store_dir: str | Path) -> Path:
        """Store a source or a resource, once for all runs."""
        return store_by_content(Path(store_dir), Path(filename), sync_name=self._recording is not None)

    def save_sources(self, ex_info: Mapping[str, Any]) -> list[list[str]]:
        """Store the sources, and flush their names, also of those that another run has just stored."""
        if (stored := super().save_sources(ex_info)) and self.copy_sources:
            sync_directory(Path(self.source_dir))
        return stored

    def render_template(self) -> None:
        """Write no report: Sacred would execute the Python in a template.html beside the runs."""

    def _start(self, *args: Any, _id: Any, **kwargs: Any) -> None:
        self._created = self._recording = None
        try:
            super().started_event(*args, _id=_id, **kwargs)
            recording = Recording(Path(self.dir), self.run_entry, self._identity, copy_output=self.copies_output)
            self._recording = recording
            self.dir = str(give_id(Path(self.basedir), _id, recording.begin))
        except BaseException:
            failed, self._recording, self.dir = self._recording, None, None
            if failed is not None:
                failed.abandon()
            if self._created is not None:
                shutil.rmtree(self._created, ignore_errors=True)
            raise

    def _make_run_dir(self, _id: Any) -> None:
        """Make a directory with a temporary name; the run gets its id when the first files are in it."""
        make_directories(Path(self.basedir))
        self._created = make_directory(Path(self.basedir))
        self.dir = str(self._created)

    def _finish(self, time: datetime, **fields: Any) -> None:
        if self._recording is not None and is_this(self._identity["process"]):  # a fork does not end the run
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


def unrecorded_of(observers: Iterable[RunObserver]) -> list[str]:
    """Return what could not be recorded on disk of a run, a name for each file or artifact."""
    return [name for each in observers if isinstance(each, RunDirectoryObserver) for name in each.unrecorded]
