"""Reads the metric points of a journal."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Optional

from observers.system.json_values import parse_float_name
from observers.system.stderr import Warn
from observers.system.untrusted.opening import open_inside

_CHUNK = 10_000  # points that are read at once
_LONGEST_LINE = 64 << 20  # bytes
_YIELD_AFTER = 40  # points
_DECODER = json.JSONDecoder()

Yield = Optional[Callable[[], None]]
"""Is called every few milliseconds to let other threads run; None runs without a break."""


class Point(NamedTuple):
    """One value of a metric."""

    name: str
    step: float
    value: Any
    timestamp: datetime


@dataclass(frozen=True)
class Chunk:
    """A part of a journal.

    Attributes:
        points: in the order of their lines.
        end: the offset after the last whole line, where the next chunk begins.
        corrupt: the offset of each corrupt line.
    """

    points: list[Point]
    end: int
    corrupt: list[int]

    def by_name(self) -> dict[str, list[Point]]:
        """Return the points of each metric."""
        grouped: dict[str, list[Point]] = {}
        for point in self.points:
            grouped.setdefault(point.name, []).append(point)
        return grouped

    def warn_of_corrupt_lines(self, path: Path, warn: Warn) -> None:
        """Report each corrupt line with its offset."""
        for offset in self.corrupt:
            warn(f"{path.name}: corrupt line at byte {offset}")


def yield_to_threads() -> None:
    """Sleep briefly, so that a training thread does not wait for the global interpreter lock."""
    time.sleep(0.0002)


def read_chunk(path: Path, start: int = 0, yield_now: Yield = None) -> Chunk:
    """Read up to 10,000 whole lines; a missing journal has none.

    Args:
        path: the journal.
        start: the offset of the first line.
        yield_now: see Yield.

    Raises:
        OSError: the journal cannot be read; see open_inside.
    """
    points, end, corrupt = [], start, []
    try:
        file = open_inside(path.parent, path.name)
    except FileNotFoundError:
        return Chunk([], start, [])
    with file:
        file.seek(start)
        for number in range(_CHUNK):
            if yield_now is not None and number % _YIELD_AFTER == _YIELD_AFTER - 1:
                yield_now()
            line = file.readline(_LONGEST_LINE)
            if not line.endswith(b"\n"):
                if len(line) == _LONGEST_LINE:  # what follows cannot be read in bounded time
                    corrupt.append(end)
                    end = file.seek(0, 2)
                break
            try:
                points.append(read_point(line))
            except (ValueError, TypeError, KeyError, RecursionError):
                corrupt.append(end)
            end += len(line)
    return Chunk(points, end, corrupt)


def read_chunks(path: Path, warn: Warn = lambda _: None) -> Iterator[Chunk]:
    """Read a whole journal in chunks, and report corrupt lines."""
    chunk = read_chunk(path)
    while chunk.points or chunk.corrupt:
        chunk.warn_of_corrupt_lines(path, warn)
        yield chunk
        chunk = read_chunk(path, chunk.end)


def read_points(path: Path, warn: Warn = lambda _: None) -> Iterator[Point]:
    """Read a whole journal, and report corrupt lines."""
    for chunk in read_chunks(path, warn):
        yield from chunk.points


def read_point(line: bytes) -> Point:
    """Read one line.

    Raises:
        KeyError: an item is missing.
        RecursionError: the value is nested too deeply.
        TypeError: an item has a wrong type.
        ValueError: the line is corrupt.
    """
    text = line.decode()
    read, end = _DECODER.raw_decode(text)  # twice as fast as json.loads, which looks for white space around
    name, step = read["name"], read["step"]
    if (
        end != len(text) - 1
        or type(name) is not str
        or not (type(step) is int or (type(step) is float and math.isfinite(step)))
    ):
        raise ValueError("not a point")
    return Point(name, step, parse_float_name(read["value"]), datetime.fromisoformat(read["timestamp"]))
