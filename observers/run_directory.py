"""Records a run in RUNS/<id>/, the one source of truth about it.

What Sacred's FileStorageObserver writes, and the journal of the points. Each file is replaced whole or appended to;
what cannot be written is said once, on standard error, and keeps nothing else from it.
"""

import shutil
import threading
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sacred.observers import FileStorageObserver, RunObserver
from sacred.run import Run
from sacred.utils import SacredError

from observers.artifacts import store_artifact, store_by_content
from observers.attempts import RESERVE, Attempts
from observers.files import write_json
from observers.journal import JOURNAL, Journal
from observers.metrics_file import write_metrics
from observers.output import OutputCopy
from observers.process import this_process

OWN_FILES = ("run.json", "config.json", "info.json", "metrics.json", "cout.txt", JOURNAL, RESERVE)

_LARGEST_LIVE = 1 << 20  # bytes of a journal, beyond which to renew metrics.json would be felt by a training


class RecordError(SacredError):
    """A run cannot be recorded; one line that a person can act on."""

    def __init__(self, message: str) -> None:
        super().__init__(message, print_traceback=False, print_usage=False)


class RunDirectoryObserver(FileStorageObserver):
    """Writes a run to a directory of its own.

    Attributes:
        directory: of the run, None before it has begun.
        uuid: names the run wherever it is recorded; info has it, too.
    """

    dir: Any  # Sacred's; None before a run has begun

    def __init__(self, runs: str | Path, *, copy_output: bool = False) -> None:
        """Record below a directory, which need not exist yet.

        Args:
            runs: of the runs.
            copy_output: whether to copy what is printed at once, instead of what Sacred captures; leave its
                CAPTURE_MODE at "no" then.
        """
        super().__init__(str(runs))
        self.directory: Path | None = None
        self.uuid = ""
        self._copy_output = copy_output
        self._output: OutputCopy | None = None
        self._lock = threading.RLock()

    @property
    def points(self) -> int:
        """How many points were logged."""
        return self._journal.points

    def take_points(self, run: Run) -> None:
        """Have the run's log_scalar append to the journal at once; call it in a pre-run hook.

        Without it points come with Sacred's heartbeats, and those of the last seconds before a SIGKILL not at all.
        """
        run.log_scalar = self._journal.append
        self.info = run.info
        self.info["uuid"] = self.uuid

    def started_event(self, *args: Any, **kwargs: Any) -> str | None:
        """Make the directory, and write all that is known of the run.

        Raises:
            RecordError: when there is no place for it; nothing is left behind then.
        """
        self.dir, self.directory, self.uuid = None, None, uuid.uuid4().hex
        self._written_size = 0
        self._identity = {"uuid": self.uuid, "process": this_process()}
        self._queued: list[tuple[datetime, str, Any, Any]] = []
        try:
            run_id: str | None = super().started_event(*args, **kwargs)
            directory = Path(self.dir)
            self._journal = Journal(directory / JOURNAL)
            self._attempt = Attempts(directory)
            self.directory, self.info = directory, {"uuid": self.uuid}
            self.run_entry["heartbeat"] = self.run_entry["start_time"]
            self.save_json(self.info, "info.json")
            self._write_metrics()
            self.save_json(self.run_entry, "run.json")
        except BaseException as error:
            if self.dir is not None and getattr(error, "filename", None) != self.dir:  # that is a run of the same id
                shutil.rmtree(self.dir, ignore_errors=True)
            self.dir = self.directory = None
            if isinstance(error, OSError):
                raise RecordError(f"{self.basedir} cannot hold this run: {error.strerror or error}") from error
            raise
        if self._copy_output:
            self._output = OutputCopy(directory / "cout.txt")
            self._output.begin()
        return run_id

    def log_metrics(self, metrics_by_name: Mapping[str, Mapping[str, Any]], info: dict[str, Any]) -> None:
        """Append the points that Sacred has queued, in the order of their times."""
        points = [
            (timestamp, name, value, step)
            for name, metric in metrics_by_name.items()
            for step, value, timestamp in zip(metric["steps"], metric["values"], metric["timestamps"], strict=True)
        ]
        with self._lock:
            self._queued += sorted(points, key=lambda point: point[0])
            self._attempt("a point", self._append_queued if self._is_under_way else self._append_late)

    def heartbeat_event(self, info: dict[str, Any], captured_out: str, beat_time: datetime, result: Any) -> None:
        """Write what changes while a run goes on."""
        with self._lock:
            info["uuid"] = self.uuid
            self.info, self.cout = info, captured_out
            if not self._is_under_way:
                self._write_state()
                return
            self._beat(beat_time)
            self.run_entry["result"] = result
            self._attempt("the journal", self._journal.sync)
            self._write_state()
            self._attempt("metrics.json", lambda: self._write_metrics(live=True))
            self._attempt("run.json", lambda: self.save_json(self.run_entry, "run.json"))

    def completed_event(self, stop_time: datetime, result: Any) -> None:
        """Write that the run was completed, and its result."""
        self._finish(stop_time, status="COMPLETED", result=result)

    def interrupted_event(self, interrupt_time: datetime, status: str) -> None:
        """Write that the run was ended, and how."""
        self._finish(interrupt_time, status=status)

    def failed_event(self, fail_time: datetime, fail_trace: list[str]) -> None:
        """Write that the run failed, and where."""
        self._finish(fail_time, status="FAILED", fail_trace=fail_trace)

    def resource_event(self, filename: str) -> None:
        """Store a file that the run reads."""
        with self._lock:
            self._attempt(filename, lambda: super(RunDirectoryObserver, self).resource_event(filename))

    def artifact_event(self, name: str, filename: str, metadata: Any = None, content_type: str | None = None) -> None:
        """Store a file that the run has made; a second one of the same name gets a number, and both are kept."""
        with self._lock:
            self._attempt(f"artifact {name}", lambda: self._add_artifact(name, Path(filename), metadata, content_type))

    def save_json(self, obj: object, filename: str) -> None:
        """Replace a file of the run."""
        content = {**obj, **self._identity} if isinstance(obj, dict) and filename == "run.json" else obj
        write_json(Path(self.dir) / filename, content)

    def find_or_save(self, filename: str, store_dir: str | Path) -> Path:
        """Store a file once, under its name and content."""
        return store_by_content(Path(store_dir), Path(filename))

    def _add_artifact(self, name: str, source: Path, metadata: Any, content_type: str | None) -> None:
        stored = store_artifact(Path(self.dir), name, source, taken=OWN_FILES)
        if stored not in self.run_entry["artifacts"]:
            self.run_entry["artifacts"].append(stored)
        if metadata or content_type:
            details = self.run_entry.setdefault("artifact_details", {})
            details[stored] = {"metadata": metadata, "content_type": content_type}
        self.save_json(self.run_entry, "run.json")

    def _finish(self, time: datetime, **fields: Any) -> None:
        if self.directory is None:
            return
        with self._lock:
            self._beat(datetime.utcnow())  # Sacred's last heartbeat came after its stop time
            self.run_entry.update(fields, stop_time=time.isoformat())
            self._attempt("a point", self._append_queued)
            self._attempt("the journal", self._journal.sync)
            if self._output is not None:
                self._attempt("cout.txt", self._output.end)
            self._write_state()
            self._attempt("run.json", lambda: self.save_json(self.run_entry, "run.json"))
            self._attempt("metrics.json", self._write_metrics)
            self._attempt("the journal", self._journal.close)
            self._attempt(RESERVE, self._attempt.give_reserve_up)
            self._attempt("the report", self.render_template)

    @property
    def _is_under_way(self) -> bool:
        """Whether the run has not ended; Sacred waits two seconds for its last heartbeat, which can come later."""
        return bool(self.run_entry["status"] == "RUNNING")

    def _append_late(self) -> None:
        if self._queued:
            self._journal.reopen()
            try:
                self._append_queued()
                self._journal.sync()
                self._write_metrics()
            finally:
                self._journal.close()

    def _append_queued(self) -> None:
        """Append the points that came with heartbeats; those that fail to be written wait for the next."""
        while self._queued:
            timestamp, name, value, step = self._queued[0]
            try:
                self._journal.append(name, value, step, timestamp)
            except OSError:
                raise
            except Exception as error:  # it will never be written
                self._attempt.say(f"a point of {name}", error)
            del self._queued[0]

    def _beat(self, time: datetime) -> None:
        """Take note of a sign of life; deliveries tell earlier states from later ones by it, so it never goes back."""
        self.run_entry["heartbeat"] = max(time.isoformat(), self.run_entry["heartbeat"])

    def _write_state(self) -> None:
        if self._output is None:
            self._attempt("cout.txt", self.save_cout)
        self._attempt("info.json", lambda: self.save_json(self.info, "info.json"))

    def _write_metrics(self, *, live: bool = False) -> None:
        size = self._journal.size()
        if not live or 2 * self._written_size <= size < _LARGEST_LIVE:
            self._written_size = size
            write_metrics(Path(self.dir) / JOURNAL, Path(self.dir) / "metrics.json")


def directory_of(observers: Iterable[RunObserver]) -> Path | None:
    """Find the directory of the run that these observers record, None when none of them records it on disk."""
    for observer in observers:
        if isinstance(observer, FileStorageObserver) and observer.dir is not None:
            return Path(observer.dir)
    return None
