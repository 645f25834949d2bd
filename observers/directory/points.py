"""The metric points of a run under way: all are in the journal, and at times copied to metrics.json."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from observers.directory.journal import JOURNAL, Journal
from observers.directory.metrics_file import METRICS, write_metrics

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
        journal: the points.
    """

    def __init__(self, directory: Path, warn: Callable[[str, Exception], None]) -> None:
        """Create both files.

        Args:
            directory: of the run.
            warn: called with a point that cannot be recorded, and the reason.

        Raises:
            OSError: the files exist or cannot be created.
        """
        self.journal = Journal(directory / JOURNAL)
        self._directory = directory
        self._warn = warn
        self._queued: list[QueuedPoint] = []
        self._copied_bytes = 0
        self.write_metrics()

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
                self._warn(f"a point of {name}", error)
            del self._queued[0]

    def append_after_end(self) -> None:
        """Append the points of a heartbeat that came after the run had ended."""
        if self._queued:
            self.journal.reopen()
            try:
                self.append_queued()
                self.journal.sync()
                self.write_metrics()
            finally:
                self.journal.close()

    def write_metrics(self) -> None:
        """Copy all points to metrics.json."""
        self._copied_bytes = self.journal.size()
        write_metrics(self._directory / JOURNAL, self._directory / METRICS)

    def write_metrics_if_cheap(self) -> None:
        """Copy all points to metrics.json if the journal is small and has doubled since the last copy."""
        if 2 * self._copied_bytes <= self.journal.size() < _LARGEST_LIVE:
            self.write_metrics()
