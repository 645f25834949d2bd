"""Delivers the points of a journal into metric documents: arrays of steps, values and timestamps, as Sacred has them.

A document holds the number of points that it covers, and each write requires that number: of two concurrent writes,
the second changes nothing. A metric that would outgrow its document keeps every second point, then every fourth, and
so on; the document holds that stride.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import ObjectId
from bson.errors import InvalidDocument
from pymongo.errors import DuplicateKeyError, PyMongoError
from sacred.observers.mongo import force_bson_encodeable

from observers.directory.journal_reader import Point, Yield, read_chunk
from observers.mongodb.database import Database, is_too_large
from observers.system.stderr import Warn

MOST_POINTS = 300_000
"""Kept of one metric. A document of 16 MB holds some 380,000, fewer if the steps are large."""

_INTEGER_BITS = 64
_ARRAYS = ("steps", "values", "timestamps")


@dataclass(frozen=True)
class _State:
    """What a document holds: every stride-th of the first `points` points of its metric."""

    id: ObjectId
    points: int
    stride: int

    @property
    def kept(self) -> int:
        """The length of the arrays."""
        return -(-self.points // self.stride)


class _ConflictError(Exception):
    """The document is not as expected: another delivery has written it, or the database was restored."""


class MetricDelivery:
    """Delivers one journal, and continues where the database is."""

    def __init__(self, journal: Path, database: Database, warn: Warn, yield_now: Yield = None) -> None:
        self._yield_now = yield_now
        self._journal = journal
        self._metrics = database.metrics
        self._warn = warn
        self._offset = 0
        self._read: dict[str, int] = {}
        self._states: dict[str, _State] = {}
        self._left_out: set[str] = set()

    @property
    def points(self) -> int:
        """The number of points read from the journal."""
        return sum(self._read.values())

    @property
    def is_thinned(self) -> bool:
        """Whether the database holds only a part of some metric."""
        return any(state.stride > 1 for state in self._states.values())

    @property
    def links(self) -> list[dict[str, str]]:
        """The names and ids of the metric documents; Omniboard finds them by these in the run document."""
        return [{"name": name, "id": str(state.id)} for name, state in self._states.items()]

    def deliver(self, run_id: int) -> None:
        """Deliver all whole lines that the journal has by now.

        Args:
            run_id: the `_id` of the run document.

        Raises:
            PyMongoError: the database failed; the next call continues.
        """
        self._states = self._read_states(run_id)
        while True:
            chunk = read_chunk(self._journal, self._offset, self._yield_now)
            if not (chunk.points or chunk.corrupt):
                return
            chunk.warn_of_corrupt_lines(self._journal, self._warn)
            by_name = chunk.by_name()
            try:
                for name, points in by_name.items():
                    self._deliver_metric(run_id, name, points)
            except _ConflictError:
                self._states = self._read_states(run_id)
                if any(self._read.get(name, 0) > self._covered(name) for name in by_name.keys() - self._left_out):
                    self._offset, self._read = 0, {}
                continue
            for name, points in by_name.items():
                self._read[name] = self._read.get(name, 0) + len(points)
            self._offset = chunk.end

    def _read_states(self, run_id: int) -> dict[str, _State]:
        documents = self._metrics.find({"run_id": run_id}, {"name": 1, "points": 1, "stride": 1})
        return {
            document["name"]: _State(document["_id"], document["points"], document["stride"]) for document in documents
        }

    def _covered(self, name: str) -> int:
        return self._states[name].points if name in self._states else 0

    def _deliver_metric(self, run_id: int, name: str, points: Sequence[Point]) -> None:
        """Append the points that the document lacks; a metric that MongoDB cannot hold is reported and left out."""
        first = self._read.get(name, 0)
        covered = self._covered(name)
        if covered < first and name not in self._left_out:
            raise _ConflictError
        missing = points[covered - first :] if covered > first else points
        if not missing or name in self._left_out:
            return
        try:
            self._append(run_id, name, missing)
        except (InvalidDocument, OverflowError, UnicodeError) as error:
            self._leave_out(name, error)
        except PyMongoError as error:
            if not is_too_large(error):
                raise
            if name not in self._states or self._states[name].kept < 2:
                self._leave_out(name, error)
                return
            self._thin(name)
            self._deliver_metric(run_id, name, points)

    def _append(self, run_id: int, name: str, points: Sequence[Point]) -> None:
        if name not in self._states:
            self._insert(run_id, name)
        while self._states[name].kept + len(points) / self._states[name].stride > MOST_POINTS:
            self._thin(name)
        state = self._states[name]
        kept = points[-state.points % state.stride :: state.stride]
        update: dict[str, Any] = {"$set": {"points": state.points + len(points)}}
        if kept:
            columns = _columns(kept)
            update["$push"] = {array: {"$each": columns[array]} for array in _ARRAYS}
        self._change(name, update, _State(state.id, state.points + len(points), state.stride))

    def _insert(self, run_id: int, name: str) -> None:
        empty = {"run_id": run_id, "name": name, "points": 0, "stride": 1, **{array: [] for array in _ARRAYS}}
        try:
            inserted = self._metrics.insert_one(empty).inserted_id
        except DuplicateKeyError:
            raise _ConflictError from None
        self._states[name] = _State(inserted, 0, 1)

    def _thin(self, name: str) -> None:
        """Keep every second point; the server computes it."""
        state = self._states[name]
        wanted = _State(state.id, state.points, 2 * state.stride)
        halves: Mapping[str, Any] = {array: _every_second(array) for array in _ARRAYS}
        self._change(name, [{"$set": {**halves, "stride": wanted.stride}}], wanted)

    def _change(self, name: str, update: Any, wanted: _State) -> None:
        """Write, if the document is as it was read."""
        state = self._states[name]
        expected = {"_id": state.id, "points": state.points, "stride": state.stride}
        if self._metrics.update_one(expected, update).matched_count == 0:
            raise _ConflictError
        self._states[name] = wanted

    def _leave_out(self, name: str, error: Exception) -> None:
        self._left_out.add(name)
        self._warn(f"MongoDB cannot hold the metric {name}, which remains in the journal: {error}")


def _every_second(array: str) -> Mapping[str, Any]:
    places = {"$range": [0, {"$size": f"${array}"}, 2]}
    return {"$map": {"input": places, "in": {"$arrayElemAt": [f"${array}", "$$this"]}}}


def _columns(points: Sequence[Point]) -> dict[str, list[Any]]:
    return {
        "steps": [_encodable(point.step) for point in points],
        "values": [_encodable(point.value) for point in points],
        "timestamps": [point.timestamp for point in points],
    }


def _encodable(value: Any) -> Any:
    """Convert a value to what BSON can hold; integers of more than 64 bits become floats."""
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if value.bit_length() < _INTEGER_BITS else float(value)
    return force_bson_encodeable(value)
