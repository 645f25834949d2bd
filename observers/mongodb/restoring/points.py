"""Writes a journal from the metric documents of a run, and from what is left of its own."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from observers.directory.journal import Journal
from observers.directory.journal_reader import Point, read_points
from observers.mongodb.database import Database


def read_metric_points(uuid: str, database: Database) -> dict[str, list[Point]]:
    """Read the points of each metric of a run, in their order; of a long metric, MongoDB holds only a part."""
    columns = ("steps", "values", "timestamps")
    points = {}
    for document in database.metrics.find({"uuid": uuid, "name": {"$type": "string"}}):
        rows = zip(*(document.get(column) or () for column in columns))
        points[document["name"]] = [
            Point(document["name"], step, value, time.replace(tzinfo=None))
            for step, value, time in rows
            if isinstance(time, datetime)
        ]
    return points


def has_more_points(journal: Path, uuid: str, database: Database) -> bool:
    """Tell whether the metric documents of a run hold points that its journal lacks."""
    here = {(point.name, *_key(point)) for point in read_points(journal)}
    there = read_metric_points(uuid, database)
    return any((name, *_key(point)) not in here for name, points in there.items() for point in points)


def write_journal(path: Path, uuid: str, database: Database, damaged: Path | None = None) -> int:
    """Write a new journal with the points that MongoDB holds, in the order in which they were logged.

    Args:
        path: of the journal, which must not exist.
        uuid: of the run.
        database: to be read.
        damaged: what is left of the old journal, whose points have their microseconds.

    Returns:
        The number of points.

    Raises:
        OSError: the file cannot be written.
    """
    points = read_metric_points(uuid, database)
    if damaged is not None:
        here: dict[str, list[Point]] = {}
        for point in read_points(damaged):
            here.setdefault(point.name, []).append(point)
        points = {name: _union(here.get(name, []), points.get(name, [])) for name in {**points, **here}}
    journal = Journal(path)
    try:
        for _, _, point in heapq.merge(*map(_timed, range(len(points)), points.values())):
            journal.append(point.name, point.value, point.step, point.timestamp)
        journal.sync()
    finally:
        journal.close()
    return journal.points


def _union(here: Sequence[Point], there: Sequence[Point]) -> list[Point]:
    """Return all points of a metric that one side has, in their order; those on disk have their microseconds."""
    on_disk = {_key(point): point for point in here}
    common = [on_disk.get(_key(point), point) for point in there]
    known = set(map(_key, there))
    further = [point for point in here if _key(point) not in known]
    return sorted([*common, *further], key=lambda point: _key(point)[1])  # stable: within a millisecond, as they are


def _key(point: Point) -> tuple[float, datetime]:
    """Return what a point has on both sides: MongoDB stores milliseconds."""
    return point.step, point.timestamp.replace(microsecond=point.timestamp.microsecond // 1000 * 1000)


def _timed(place: int, points: Sequence[Point]) -> Iterator[tuple[datetime, tuple[int, int], Point]]:
    """Yield points with times that never go back, so that a merge keeps their order."""
    times = accumulate((point.timestamp for point in points), max)
    for number, (time, point) in enumerate(zip(times, points)):
        yield time, (place, number), point
