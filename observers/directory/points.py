"""The metric points of a run under way: all are in the journal, and at times copied to metrics.json."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from observers.directory.journal import JOURNAL, MOST_WAITING, Journal
from observers.directory.metrics_file import METRICS, MetricColumns, restore_points, write_metrics
from observers.errors import phrase_of
from observers.system.retry import WriteRetry
from observers.system.stderr import ignore

_LARGEST_LIVE = 1 << 20  # bytes of a journal; for a larger one, writing metrics.json would slow the training


class QueuedPoint(NamedTuple):
    """A point that Sacred hands over at a heartbeat."""

    timestamp: datetime
    name: str
    value: Any
    step: Any


class PointFiles:
    """The journal and metrics.json of a run.

    Attributes:
        directory: of the run.
        journal: the points.
    """

    def __init__(self, directory: Path, retry: WriteRetry) -> None:
        """Create both files.

        Args:
            directory: of the run.
            retry: gets each point that cannot be recorded, and what others have done to the journal.

        Raises:
            OSError: the files exist or cannot be created.
        """
        self.journal = Journal(directory / JOURNAL)
        self.journal.on_error = self._tell_of_waiting
        self.directory = directory
        self._retry = retry
        self._queued: list[QueuedPoint] = []
        self._copied_bytes = self._last_bytes = 0
        self._is_cut = self._is_behind = False
        self._columns = MetricColumns(directory)
        try:
            self.write_metrics()
        except BaseException:
            self.journal.close()
            raise

    def move(self, directory: Path) -> None:
        """Go on in the directory under its new name."""
        self.directory = directory
        self.journal.file.path = directory / JOURNAL
        self._columns = MetricColumns(directory)

    def _tell_of_waiting(self, error: OSError) -> None:
        waiting = f"up to {MOST_WAITING:,} points wait in memory"
        self._retry.tell(f"{JOURNAL} cannot be written: {phrase_of(error)}; {waiting}")

    def keep_journal(self) -> None:
        """Sync the journal; write it again if others have removed, replaced or cut it, and tell what is lost.

        Points that wait for the disk are written if that is possible now.

        Raises:
            OSError: the journal cannot be written; another call tries it again.
        """
        with self.journal.lock:
            self._retry.tell(self.journal.file.keep_in_place())
            self._is_cut = self.journal.file.cut_bytes() > 0 or self._is_cut
            if self._is_cut:
                self._restore()
        if self.journal.waiting:
            self._columns.forget()  # its temporary file takes the space for which they wait
        self.journal.sync()

    def _restore(self) -> None:
        points = restore_points(self.directory / JOURNAL, self.directory / METRICS)
        self.journal.file.switch()
        self._is_cut = False
        message, logged = f"{JOURNAL} was cut while the run went on", self.journal.written
        if points < logged:
            self._retry.lose(JOURNAL, f"{message}: {logged - points} of {logged} points are lost")
        else:
            self._retry.tell(f"{message}, and is written again with all {logged} points")

    def write_last(self) -> None:
        """Write the points that still wait when the end of the run is recorded, into the space reserved for that.

        What remains is lost, and told.
        """
        if self.journal.waiting:
            self._retry.shrink_reserve()
            self._columns.forget()
            with suppress(OSError):
                self.journal.sync()
        if lost := self.journal.waiting + self.journal.lost:
            message = f"{lost:,} of {self.journal.points:,} points are lost, which could not be written for long"
            self._retry.lose(JOURNAL, f"{JOURNAL}: {message}")

    def queue(self, points: Iterable[QueuedPoint]) -> None:
        """Add points to those that wait to be appended, in the order of their times."""
        self._queued += sorted(points, key=lambda point: point.timestamp)

    def append_queued(self) -> None:
        """Append the queued points; points that could not be written stay in the queue."""
        while self._queued:
            timestamp, name, value, step = self._queued[0]
            try:
                self.journal.append(name, value, step, timestamp)
            except OSError:
                raise
            except Exception as error:  # no later attempt can write it
                self._retry.warn(f"a point of {name}", error)
            del self._queued[0]

    def append_after_end(self) -> None:
        """Append the points of a heartbeat that came after the run had ended."""
        if self._queued or self._is_behind:
            self._is_behind = True
            self.journal.file.reopen()
            try:
                self.append_queued()
                self.journal.sync()
                self.write_last()
                self.write_metrics()
                self._is_behind = False
            finally:
                self._columns.forget()
                self.journal.close()

    def write_metrics(self) -> None:
        """Copy all points to metrics.json."""
        size = self.journal.file.size() if self.journal.file.is_open else self._last_bytes
        write_metrics(self.directory / JOURNAL, self.directory / METRICS, ignore, self._columns)
        self._copied_bytes = size

    def write_last_metrics(self) -> None:
        """Copy all points to metrics.json at the end of the run, and remove the temporary file that prepared it."""
        self._retry(METRICS, self.write_metrics)
        self._columns.forget()

    def close(self) -> None:
        """Close the journal, so that no thread logs what the last copy would lack."""
        with self.journal.lock:
            self._last_bytes = self.journal.file.size()
            with suppress(OSError):  # the file is synced
                self.journal.close()

    def write_metrics_if_cheap(self) -> None:
        """Copy all points to metrics.json if the journal is small and has doubled since the last copy.

        If it is large, prepare the copy at the end of the run. Nothing is written while points wait for the disk.
        """
        if self.journal.waiting:
            return
        size = self.journal.file.size()
        if size >= _LARGEST_LIVE:
            self._columns.follow(self.directory / JOURNAL, is_check=False)
        elif size >= 2 * self._copied_bytes:
            self.write_metrics()
