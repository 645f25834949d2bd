"""Writes metrics.json, the metrics in the format of Sacred and incense, from a journal, and a cut journal from it."""

import heapq
import json
import math
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from observers.directory.journal_reader import Point, read_chunks, read_point
from observers.system.files import atomic_write, read_json
from observers.system.stderr import Warn

METRICS = "metrics.json"

_MOST_HELD = 1 << 14  # characters of a column in memory
_COLUMNS = ("steps", "timestamps", "values")


def write_metrics(journal: Path, target: Path, warn: Warn = lambda _: None) -> None:
    """Replace metrics.json by the points of a journal.

    Values that are not finite become null. Memory does not grow with the number of points.
    """
    with atomic_write(target) as file, tempfile.TemporaryFile(dir=target.parent) as spool:
        metrics: dict[str, list[_Column]] = {}
        for chunk in read_chunks(journal, warn):
            for name, points in chunk.by_name().items():
                columns = metrics.get(name) or metrics.setdefault(name, [_Column(spool) for _ in _COLUMNS])
                steps, timestamps, values = columns
                steps.extend([repr(point.step) for point in points])
                timestamps.extend([f'"{point.timestamp.isoformat()}"' for point in points])
                values.extend([_value_text(point.value) for point in points])
        file.write(b"{")
        for place, name in enumerate(sorted(metrics)):
            file.write(f"{',' if place else ''}\n{json.dumps(name)}: {{".encode())
            for title, column in zip(_COLUMNS, metrics[name]):
                file.write(f"{'' if title == _COLUMNS[0] else ','}\n  {json.dumps(title)}: [".encode())
                column.write_to(file)
                file.write(b"]")
            file.write(b"\n}")
        file.write(b"\n}\n")


def restore_points(journal: Path, metrics: Path) -> int:
    """Write points into a journal that others have cut, as far as metrics.json still has them.

    They get their place by their times. Values that are not finite are null in metrics.json, and stay lost.

    Returns:
        The number of points in the journal.

    Raises:
        OSError: the journal cannot be read or written; it is unchanged.
    """
    missing: dict[tuple[str, float, datetime], list[Point]] = {}
    for point in _finite_points(metrics):
        missing.setdefault((point.name, point.step, point.timestamp), []).append(point)
    for point, _ in _whole_points(journal):
        if missing.get((point.name, point.step, point.timestamp)):
            missing[point.name, point.step, point.timestamp].pop()
    restored = sorted((point for points in missing.values() for point in points), key=lambda point: point.timestamp)
    count = 0
    lines = heapq.merge(_whole_points(journal), _with_lines(restored), key=lambda pair: pair[0].timestamp)
    with atomic_write(journal) as file:
        for _, line in lines:
            file.write(line)
            count += 1
    return count


def _finite_points(metrics: Path) -> Iterator[Point]:
    try:
        for name, columns in read_json(metrics).items():
            steps, values, times = columns["steps"], columns["values"], columns["timestamps"]
            if not len(steps) == len(values) == len(times):
                return
            for step, value, time in zip(steps, values, times):
                if value is not None:
                    yield Point(name, step, value, datetime.fromisoformat(time))
    except (OSError, ValueError, AttributeError, KeyError, TypeError):  # damaged as well
        return


def _whole_points(journal: Path) -> Iterator[tuple[Point, bytes]]:
    """Read the points of a journal with their lines; of a line after a torn one without an end, the part behind it."""
    with journal.open("rb") as file:
        for line in file:
            whole = line[max(line.rfind(b'{"name":'), 0) :]
            for part in (line, whole):
                try:
                    yield read_point(part), part
                    break
                except (ValueError, TypeError, KeyError, RecursionError):
                    continue


def _with_lines(points: list[Point]) -> Iterator[tuple[Point, bytes]]:
    for point in points:
        content = {**point._asdict(), "timestamp": point.timestamp.isoformat()}
        yield point, json.dumps(content, separators=(",", ":")).encode() + b"\n"


class _Column:
    """A list of JSON texts of any length; all but its end is in a temporary file."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._held: list[str] = []
        self._length = 0
        self._parts: list[tuple[int, int]] = []

    def extend(self, texts: list[str]) -> None:
        self._held += texts
        self._length += sum(map(len, texts))
        if self._length > _MOST_HELD:
            part = ",".join(self._held).encode()
            self._parts.append((self._spool.seek(0, os.SEEK_END), len(part)))
            self._spool.write(part)
            self._held, self._length = [], 0

    def write_to(self, file: IO[bytes]) -> None:
        for number, (start, length) in enumerate(self._parts):
            self._spool.seek(start)
            file.write(b"," if number else b"")
            file.write(self._spool.read(length))
        if self._held:
            file.write(b"," if self._parts else b"")
            file.write(",".join(self._held).encode())


def _value_text(value: Any) -> str:
    if type(value) is float:
        return repr(value) if math.isfinite(value) else "null"
    return json.dumps(value)
