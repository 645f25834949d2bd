"""Writes a journal from the metric documents of a run, and from what is left of its own."""

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
        rows = zip(*(document.get(column) or () for column in columns), strict=False)
        points[document["name"]] = [
            Point(document["name"], step, value, time.replace(tzinfo=None))
            for step, value, time in rows
            if isinstance(time, datetime)
        ]
    return points


def count_points(uuid: str, database: Database) -> int:
    """Return the number of points that the metric documents of a run hold."""
    return sum(map(len, read_metric_points(uuid, database).values()))


def write_journal(path: Path, uuid: str, database: Database, damaged: Path | None = None) -> int:
    """Write a new journal with the points that MongoDB holds, in the order in which they were logged.

    Args:
        path: of the journal, which must not exist.
        uuid: of the run.
        database: to be read.
        damaged: what is left of the old journal: of each metric the longer list counts.

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
        points |= {name: found for name, found in here.items() if len(found) >= len(points.get(name, ()))}
    journal = Journal(path)
    try:
        for _, _, point in heapq.merge(*map(_timed, range(len(points)), points.values())):
            journal.append(point.name, point.value, point.step, point.timestamp)
        journal.sync()
    finally:
        journal.close()
    return journal.points


def _timed(place: int, points: Sequence[Point]) -> Iterator[tuple[datetime, tuple[int, int], Point]]:
    """Yield points with times that never go back, so that a merge keeps their order."""
    times = accumulate((point.timestamp for point in points), max)
    for number, (time, point) in enumerate(zip(times, points, strict=True)):
        yield time, (place, number), point
