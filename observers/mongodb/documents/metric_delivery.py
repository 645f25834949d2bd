"""Delivers the points of a journal into the metric documents of its run, and continues where the database is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bson.errors import InvalidDocument
from pymongo.errors import PyMongoError

from observers.directory.journal_reader import Point, Yield, read_chunk, read_points
from observers.mongodb.database import Database, is_too_large
from observers.mongodb.documents.bson_values import to_bson
from observers.mongodb.documents.metric_documents import ConflictError, MetricDocuments
from observers.system.stderr import Warn

_MOST_CONFLICTS = 20  # in a row, before this delivery gives up


class MetricDelivery:
    """Delivers one journal.

    Attributes:
        is_damaged: whether the journal has corrupt lines.
    """

    def __init__(self, journal: Path, database: Database, warn: Warn, yield_now: Yield = None) -> None:
        self.is_damaged = False
        self._yield_now = yield_now
        self._journal = journal
        self._documents = MetricDocuments(database)
        self._warn = warn
        self._offset = 0
        self._read: dict[str, int] = {}
        self._left_out: set[str] = set()

    @property
    def points(self) -> int:
        """The number of points read from the journal."""
        return sum(self._read.values())

    @property
    def covered(self) -> int:
        """The number of points that the database covers."""
        return sum(state.points for state in self._documents.states.values())

    @property
    def is_thinned(self) -> bool:
        """Whether the database holds only a part of some metric."""
        return any(state.stride > 1 for state in self._documents.states.values())

    @property
    def links(self) -> list[dict[str, str]]:
        """The names and ids of the metric documents; Omniboard finds them by these in the run document."""
        return [{"name": name, "id": str(state.id)} for name, state in self._documents.states.items()]

    def adopt(self, run_id: Any, uuid: str, ids: Collection[str]) -> None:
        """Take over the documents of an earlier version that the run document refers to; others are of other runs."""
        self._documents.read(run_id, uuid)
        if {str(state.id) for state in self._documents.states.values()} != set(ids):
            self._documents.adopt(ids)

    def deliver(self, run_id: Any, uuid: str) -> None:
        """Deliver all whole lines that the journal has by now.

        Args:
            run_id: the `_id` of the run document.
            uuid: of the run.

        Raises:
            PyMongoError: the database failed; the next call continues.
        """
        self._read_states(run_id, uuid)
        conflicts = 0
        while True:
            chunk = read_chunk(self._journal, self._offset, self._yield_now)
            if not (chunk.points or chunk.corrupt):
                return
            chunk.warn_of_corrupt_lines(self._journal, self._warn)
            self.is_damaged |= bool(chunk.corrupt)
            by_name = {to_bson(name): points for name, points in chunk.by_name().items()}
            try:
                for name, points in by_name.items():
                    self._deliver_metric(name, points)
            except ConflictError:
                conflicts += 1
                if conflicts == _MOST_CONFLICTS:
                    raise
                self._read_states(run_id, uuid)
                continue
            conflicts = 0
            for name, points in by_name.items():
                self._read[name] = self._read.get(name, 0) + len(points)
            self._offset = chunk.end

    def warn_of_lost_points(self) -> None:
        """Report the metrics of which the journal has fewer points than the database, which keeps them."""
        for name, state in self._documents.states.items():
            here = self._read.get(name, 0)
            if here < state.points:
                self._warn(f"{self._journal.name} has {here} points of {name}; MongoDB keeps its {state.points}")

    def discard(self, run_id: Any, uuid: str, names: Collection[str]) -> None:
        """Delete the documents of these metrics if the journal has all of their points, to deliver them again."""
        self._documents.read(run_id, uuid)
        here = Counter(to_bson(point.name) for point in read_points(self._journal))
        self._documents.discard([name for name in names if here[name] >= self._documents.covered(name)])

    def differing(self, run_id: Any, uuid: str) -> set[str]:
        """Return the names of the metrics whose documents hold other points than the journal."""
        self._documents.read(run_id, uuid)
        corrupt: list[str] = []
        differing = self._documents.differing(read_points(self._journal, corrupt.append))
        return set() if corrupt else differing  # where lines are lost, MongoDB may have more

    def _read_states(self, run_id: Any, uuid: str) -> None:
        """Read how much the database holds; if it lacks points that it has had, begin again."""
        self._documents.read(run_id, uuid)
        kept = self._read.keys() - self._left_out
        if any(self._read[name] > self._documents.covered(name) for name in kept):
            self._offset, self._read = 0, {}

    def _deliver_metric(self, name: str, points: Sequence[Point]) -> None:
        """Append the points that the document lacks; a metric that MongoDB cannot hold is reported and left out."""
        first = self._read.get(name, 0)
        covered = self._documents.covered(name)
        if covered < first and name not in self._left_out:
            raise ConflictError(f"another delivery writes the metric {name}")
        missing = points[covered - first :] if covered > first else points
        if self.is_damaged and covered and self._documents.states[name].stride == 1:
            missing = _later(points, self._documents.last(name))  # lines are lost: numbers do not tell what is new
        if not missing or name in self._left_out:
            return
        try:
            self._documents.append(name, missing)
        except (InvalidDocument, OverflowError, UnicodeError) as error:
            self._leave_out(name, error)
        except PyMongoError as error:
            if not is_too_large(error):
                raise
            if name not in self._documents.states or self._documents.states[name].kept < 2:
                self._leave_out(name, error)
                return
            self._documents.thin(name)
            self._deliver_metric(name, points)

    def _leave_out(self, name: str, error: Exception) -> None:
        self._left_out.add(name)
        self._warn(f"MongoDB cannot hold the metric {name}, which remains in the journal: {error}")


def _later(points: Sequence[Point], last: tuple[Any, datetime] | None) -> Sequence[Point]:
    """Return the points that were logged after one that MongoDB holds, with the milliseconds of its time."""
    if last is None:
        return points
    times = [point.timestamp.replace(microsecond=point.timestamp.microsecond // 1000 * 1000) for point in points]
    same = [place for place, time in enumerate(times) if (points[place].step, time) == last]
    if same:
        return points[same[-1] + 1 :]
    return [point for point, time in zip(points, times) if time > last[1]]
