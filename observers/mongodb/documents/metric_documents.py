"""The metric documents of a run: arrays of steps, values and timestamps, as Sacred has them.

A document holds the number of points that it covers, and each write requires that number: of two concurrent writes,
the second changes nothing. A metric that would outgrow its document keeps every second point, then every fourth, and
so on; the document holds that stride. It belongs to the run whose uuid it has; `run_id` is there for other tools.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError, PyMongoError

from observers.directory.journal_reader import Point
from observers.mongodb.database import Database
from observers.mongodb.documents.bson_values import to_bson

MOST_POINTS = 300_000
"""Kept of one metric. A document of 16 MB holds some 380,000, fewer if the steps are large."""

_INTEGER_BITS = 64
_ARRAYS = ("steps", "values", "timestamps")
_MILLISECONDS = 0.002  # seconds, within which two times are the same: MongoDB rounds


class ConflictError(PyMongoError):
    """A document is not as expected: another delivery has written it, or the database was restored."""


@dataclass(frozen=True)
class State:
    """What a document holds: every stride-th of the first `points` points of its metric."""

    id: ObjectId
    points: int
    stride: int

    @property
    def kept(self) -> int:
        """The length of the arrays."""
        return -(-self.points // self.stride)


class MetricDocuments:
    """The metric documents of one run.

    Attributes:
        states: by the name of the metric, as they were last read or written.
    """

    def __init__(self, database: Database) -> None:
        self.states: dict[str, State] = {}
        self._metrics = database.metrics
        self._owner: dict[str, Any] = {}

    def read(self, run_id: Any, uuid: str) -> None:
        """Read the states of a run."""
        self._owner = {"run_id": run_id, "uuid": uuid}
        fields = dict.fromkeys(("run_id", "name", "points", "stride"), 1)
        found = list(self._metrics.find({"uuid": uuid, "name": {"$type": "string"}}, fields))
        self.states = {
            document["name"]: State(document["_id"], _number(document, "points", 0), _number(document, "stride", 1))
            for document in found
        }
        if any(document.get("run_id") != run_id for document in found):  # the run document was deleted by hand
            self._metrics.update_many({"uuid": uuid}, {"$set": {"run_id": run_id}})

    def covered(self, name: str) -> int:
        """Return the number of points that the document of a metric covers."""
        return self.states[name].points if name in self.states else 0

    def last(self, name: str) -> tuple[Any, datetime] | None:
        """Return the step and the time of the last point that a document holds."""
        ends = {array: {"$slice": -1} for array in ("steps", "timestamps")}
        found = self._metrics.find_one({"_id": self.states[name].id}, ends) or {}
        steps, times = found.get("steps"), found.get("timestamps")
        return (steps[0], times[0]) if steps and times else None

    def append(self, name: str, points: Sequence[Point]) -> None:
        """Append points to a metric.

        Raises:
            ConflictError: another delivery has written the document meanwhile.
            PyMongoError, InvalidDocument: the database does not take them.
        """
        if name not in self.states:
            self._insert(name)
        while self.states[name].kept + len(points) / self.states[name].stride > MOST_POINTS:
            self.thin(name)
        state = self.states[name]
        kept = points[-state.points % state.stride :: state.stride]
        update: dict[str, Any] = {"$set": {"points": state.points + len(points)}}
        if kept:
            columns = _columns(kept)
            update["$push"] = {array: {"$each": columns[array]} for array in _ARRAYS}
        self._change(name, update, State(state.id, state.points + len(points), state.stride))

    def thin(self, name: str) -> None:
        """Keep every second point; the server computes it."""
        state = self.states[name]
        wanted = State(state.id, state.points, 2 * state.stride)
        halves: Mapping[str, Any] = {array: _every_second(array) for array in _ARRAYS}
        self._change(name, [{"$set": {**halves, "stride": wanted.stride}}], wanted)

    def adopt(self, ids: Collection[str]) -> None:
        """Give the uuid to documents of an earlier version, which had none; `ids` are those that the run refers to."""
        found = [ObjectId(text) for text in ids]
        earlier = {"_id": {"$in": found}, "run_id": self._owner["run_id"], "uuid": None, "points": {"$type": "number"}}
        self._metrics.update_many(earlier, {"$set": {"uuid": self._owner["uuid"]}})

    def discard(self, names: Collection[str]) -> None:
        """Delete the documents of metrics."""
        self._metrics.delete_many({"uuid": self._owner["uuid"], "name": {"$in": list(names)}})

    def differing(self, points: Iterator[Point]) -> set[str]:
        """Return the names of the metrics whose documents hold other points than these."""
        found = self._metrics.find({"uuid": self._owner["uuid"], "name": {"$type": "string"}})
        documents = {document["name"]: document for document in found if document["name"] in self.states}
        counts = dict.fromkeys(documents, 0)
        differing = set()
        for point in points:
            name = to_bson(point.name)
            if name not in documents:
                continue
            place, state = counts[name], self.states[name]
            counts[name] += 1
            if place < state.points and place % state.stride == 0:
                expected = {array: column[0] for array, column in _columns([point]).items()}
                if not _holds(documents[name], place // state.stride, expected):
                    differing.add(name)
        return differing

    def _insert(self, name: str) -> None:
        empty = {**self._owner, "name": name, "points": 0, "stride": 1, **{array: [] for array in _ARRAYS}}
        try:
            inserted = self._metrics.insert_one(empty).inserted_id
        except DuplicateKeyError as error:
            if "uuid" in ((error.details or {}).get("keyPattern") or {}):  # another delivery has just inserted it
                raise ConflictError(f"another delivery writes the metric {name}") from None
            raise
        self.states[name] = State(inserted, 0, 1)

    def _change(self, name: str, update: Any, wanted: State) -> None:
        """Write, if the document is as it was read."""
        state = self.states[name]
        expected = {"_id": state.id, "points": state.points, "stride": state.stride}
        if self._metrics.update_one(expected, update).matched_count == 0:
            raise ConflictError(f"another delivery writes the metric {name}")
        self.states[name] = wanted


def _number(document: Mapping[str, Any], field: str, least: int) -> int:
    """Return a number of a document; where another program wrote anything else, the least that it can be."""
    value = document.get(field)
    return int(value) if isinstance(value, (int, float)) and least <= value < math.inf else least


def _every_second(array: str) -> Mapping[str, Any]:
    places = {"$range": [0, {"$size": f"${array}"}, 2]}
    return {"$map": {"input": places, "in": {"$arrayElemAt": [f"${array}", "$$this"]}}}


def _columns(points: Sequence[Point]) -> dict[str, list[Any]]:
    _, steps, values, timestamps = zip(*points)
    return {"steps": _encodable_all(steps), "values": _encodable_all(values), "timestamps": list(timestamps)}


def _encodable_all(values: Sequence[Any]) -> list[Any]:
    is_plain = set(map(type, values)) == {float} or (
        set(map(type, values)) == {int} and max(map(int.bit_length, values)) < _INTEGER_BITS
    )
    return list(values) if is_plain else [_encodable(value) for value in values]


def _encodable(value: Any) -> Any:
    """Convert a value to what BSON can hold; integers of more than 64 bits become floats, if there is one."""
    if type(value) is int and value.bit_length() >= _INTEGER_BITS:
        with suppress(OverflowError):
            return float(value)
    return value if type(value) is float else to_bson(value)


def _holds(document: Mapping[str, Any], place: int, expected: Mapping[str, Any]) -> bool:
    """Tell whether the arrays of a document hold a point at a place; MongoDB stores milliseconds."""
    try:
        step, value, time = (document[array][place] for array in _ARRAYS)
    except (IndexError, KeyError, TypeError):
        return False
    wanted = expected["timestamps"]
    same_value = value == expected["values"] or (value != value and expected["values"] != expected["values"])
    same_time = isinstance(time, datetime) and abs((time - wanted).total_seconds()) < _MILLISECONDS
    return bool(step == expected["steps"] and same_value and same_time)
