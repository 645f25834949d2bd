"""Delivers the points of a journal into the documents of Sacred's metrics: arrays of steps, values and timestamps.

A document says how many points of the journal it covers, and each write asks for that number: whoever writes second
changes nothing. A metric that would outgrow its document is thinned to every second point, then to every fourth, and
so on; the document says to which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import ObjectId
from bson.errors import InvalidDocument
from pymongo.errors import DuplicateKeyError, PyMongoError
from sacred.observers.mongo import force_bson_encodeable

from observers.database import Database, is_too_large
from observers.journal import Pause, Point, read_chunk

MOST_POINTS = 300_000
"""Kept of one metric; a document of Sacred's format holds some 380,000 in its 16 MB, fewer if steps are large."""

_INTEGER_BITS = 64
_ARRAYS = ("steps", "values", "timestamps")


@dataclass(frozen=True)
class _State:
    """What a document holds: every stride-th of the first `points` points of its metric."""

    id: ObjectId
    points: int
    stride: int


class _ChangedError(Exception):
    """The document was not as expected: somebody else has written, or the database has gone back in time."""


class SeriesDelivery:
    """Delivers one journal; goes on where the database is, whatever has happened to either."""

    def __init__(self, journal: Path, database: Database, say: Callable[[str], None], pause: Pause = None) -> None:
        self._pause = pause
        self._journal = journal
        self._metrics = database.metrics
        self._say = say
        self._place = 0
        self._seen: dict[str, int] = {}
        self._states: dict[str, _State] = {}
        self._left_out: set[str] = set()

    @property
    def read(self) -> int:
        """Points of the journal that were read."""
        return sum(self._seen.values())

    @property
    def thinned(self) -> bool:
        """Whether there is a metric that the database holds only a part of."""
        return any(state.stride > 1 for state in self._states.values())

    @property
    def links(self) -> list[dict[str, str]]:
        """What the document of the run says of its metrics, for Omniboard."""
        return [{"name": name, "id": str(state.id)} for name, state in self._states.items()]

    def deliver(self, run_id: int) -> None:
        """Deliver all whole lines that the journal has by now.

        Args:
            run_id: of the run's document.

        Raises:
            PyMongoError: when the database fails; the next call goes on.
        """
        self._states = self._read_states(run_id)
        while True:
            chunk = read_chunk(self._journal, self._place, self._pause)
            if not (chunk.points or chunk.bitten):
                return
            for place in chunk.bitten:
                self._say(f"{self._journal.name}: the line at byte {place} is no point")
            by_name = chunk.by_name()
            try:
                for name, points in by_name.items():
                    self._deliver_metric(run_id, name, points)
            except _ChangedError:
                self._states = self._read_states(run_id)
                if any(self._seen.get(name, 0) > self._points(name) for name in by_name.keys() - self._left_out):
                    self._place, self._seen = 0, {}
                continue
            for name, points in by_name.items():
                self._seen[name] = self._seen.get(name, 0) + len(points)
            self._place = chunk.end

    def _read_states(self, run_id: int) -> dict[str, _State]:
        documents = self._metrics.find({"run_id": run_id}, {"name": 1, "points": 1, "stride": 1})
        return {
            document["name"]: _State(document["_id"], document["points"], document["stride"]) for document in documents
        }

    def _points(self, name: str) -> int:
        return self._states[name].points if name in self._states else 0

    def _deliver_metric(self, run_id: int, name: str, points: Sequence[Point]) -> None:
        """Append those points that the document lacks; one metric that MongoDB does not take is said and left out."""
        first = self._seen.get(name, 0)
        there = self._points(name)
        if there < first and name not in self._left_out:
            raise _ChangedError
        missing = points[there - first :] if there > first else points
        if not missing or name in self._left_out:
            return
        try:
            self._append(run_id, name, missing)
        except (InvalidDocument, OverflowError, UnicodeError) as error:
            self._leave_out(name, error)
        except PyMongoError as error:
            if not is_too_large(error):
                raise
            if name not in self._states or self._kept(name) < 2:
                self._leave_out(name, error)
                return
            self._thin(name)
            self._deliver_metric(run_id, name, points)

    def _append(self, run_id: int, name: str, points: Sequence[Point]) -> None:
        if name not in self._states:
            self._insert(run_id, name)
        while self._kept(name) + len(points) / self._states[name].stride > MOST_POINTS:
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
            raise _ChangedError from None
        self._states[name] = _State(inserted, 0, 1)

    def _thin(self, name: str) -> None:
        """Keep every second point, inside of the server."""
        state = self._states[name]
        halves: Mapping[str, Any] = {
            array: {
                "$map": {
                    "input": {"$range": [0, {"$size": f"${array}"}, 2]},
                    "in": {"$arrayElemAt": [f"${array}", "$$this"]},
                }
            }
            for array in _ARRAYS
        }
        wanted = _State(state.id, state.points, 2 * state.stride)
        self._change(name, [{"$set": {**halves, "stride": wanted.stride}}], wanted)

    def _change(self, name: str, update: Any, wanted: _State) -> None:
        """Write, if the document is as it was when it was read."""
        state = self._states[name]
        expected = {"_id": state.id, "points": state.points, "stride": state.stride}
        if self._metrics.update_one(expected, update).matched_count == 0:
            raise _ChangedError
        self._states[name] = wanted

    def _kept(self, name: str) -> int:
        state = self._states[name]
        return -(-state.points // state.stride)

    def _leave_out(self, name: str, error: Exception) -> None:
        self._left_out.add(name)
        self._say(f"MongoDB does not take metric {name}, the journal has it: {error}")


def _columns(points: Sequence[Point]) -> dict[str, list[Any]]:
    return {
        "steps": [_encodable(point.step) for point in points],
        "values": [_encodable(point.value) for point in points],
        "timestamps": [point.timestamp for point in points],
    }


def _encodable(value: Any) -> Any:
    """Make of a value what BSON has: its integers end at 64 bits."""
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if value.bit_length() < _INTEGER_BITS else float(value)
    return force_bson_encodeable(value)
