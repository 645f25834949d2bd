"""Metric points, one line of JSON each, appended to metrics.jsonl as they are logged.

    {"name":"train/loss","step":10,"value":0.6931,"timestamp":"2026-11-23T10:00:00.000001"}

The time is UTC. A point is in the file when `append` returns, at the same cost for the first as for the millionth. NaN
and infinities are spelled as in `files`. A last line without its end was torn by a power cut; it is no point.
"""

import errno
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sacred.serializer import flatten

from observers.files import finite, spelled, unspelled

JOURNAL = "metrics.jsonl"

_TO_APPEND = os.O_WRONLY | os.O_APPEND
_CHUNK = 10_000  # points that are read at a time
_BETWEEN_PAUSES = 40  # points
_DECODER = json.JSONDecoder()


Pause = Callable[[], None] | None


class Point(NamedTuple):
    """One value of a metric."""

    name: str
    step: float
    value: Any
    timestamp: datetime


def beside() -> None:
    """Pause, so that a thread that trains need not wait for Python's lock."""
    time.sleep(0.0002)


class Journal:
    """Appends points to a file.

    Attributes:
        points: how many so far.
    """

    def __init__(self, path: Path) -> None:
        """Create the file.

        Raises:
            OSError: when that cannot be done, or there is one already.
        """
        self._path = path
        self._file = os.open(path, _TO_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
        self.points = 0
        self._steps: dict[str, float] = {}
        self._names: dict[str, str] = {}
        self._second = (-1, "")

    def append(self, name: str, value: Any, step: float | None = None, timestamp: datetime | None = None) -> None:
        """Append a point; NumPy's numbers become Python's.

        Args:
            name: of the metric, such as `train/loss`.
            value: any number, or what Sacred can flatten.
            step: None counts the points of this name from 0.
            timestamp: UTC; None is now.

        Raises:
            OSError: when the point could not be written; the file is as it was.
            ValueError: when the step is no number.
        """
        if type(step) is not int:
            step = self._steps.get(name, -1) + 1 if step is None else _step(step)
        if type(value) is float and math.isfinite(value):
            text = repr(value)
        else:
            text = json.dumps(_number(value), allow_nan=False)
        quoted = self._names.get(name) or self._names.setdefault(name, json.dumps(name))
        moment = self._now() if timestamp is None else timestamp.isoformat()
        line = f'{{"name":{quoted},"step":{step},"value":{text},"timestamp":"{moment}"}}\n'.encode()
        written = os.write(self._file, line)
        if written < len(line):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._steps[name] = step
        self.points += 1

    def _now(self) -> str:
        """The time of now as text; between two steps of a training datetime's own takes twice as long."""
        nanoseconds = time.time_ns()
        second, text = self._second
        if nanoseconds // 10**9 != second:
            second = nanoseconds // 10**9
            text = f"{datetime.utcfromtimestamp(second).isoformat()}."
            self._second = second, text
        return text + str(nanoseconds // 1000 % 10**6 + 10**6)[1:]

    def sync(self) -> None:
        """Have the operating system write to the disk what it holds."""
        os.fsync(self._file)

    def size(self) -> int:
        """The bytes so far."""
        return os.fstat(self._file).st_size

    def reopen(self) -> None:
        """Go on after `close`.

        Raises:
            OSError: when that cannot be done.
        """
        if self._file < 0:
            self._file = os.open(self._path, _TO_APPEND)

    def close(self) -> None:
        """End the journal; what is appended then is an error, until `reopen`."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


@dataclass(frozen=True)
class Chunk:
    """A part of a journal.

    Attributes:
        points: in the order of their lines.
        end: the byte behind the last whole line, from which to read on.
        bitten: the byte at which each line begins that is no point.
    """

    points: list[Point]
    end: int
    bitten: list[int]

    def by_name(self) -> dict[str, list[Point]]:
        """The points of each metric."""
        grouped: dict[str, list[Point]] = {}
        for point in self.points:
            grouped.setdefault(point.name, []).append(point)
        return grouped


def read_chunk(path: Path, start: int = 0, pause: Pause = None) -> Chunk:
    """Read whole lines from a byte on, 10,000 at most; nothing where there is no journal.

    Args:
        path: of the journal.
        start: the byte.
        pause: called now and then, to let other threads compute.
    """
    points, end, bitten = [], start, []
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return Chunk([], start, [])
    with file:
        file.seek(start)
        for number in range(_CHUNK):
            if pause is not None and number % _BETWEEN_PAUSES == _BETWEEN_PAUSES - 1:
                pause()
            line = file.readline()
            if not line.endswith(b"\n"):
                break
            try:
                points.append(_read_point(line))
            except (ValueError, TypeError, KeyError, RecursionError):
                bitten.append(end)
            end += len(line)
    return Chunk(points, end, bitten)


def read_chunks(path: Path, say: Callable[[str], None] = lambda _: None) -> Iterator[Chunk]:
    """Read a journal from its beginning, and say at which byte a line was that is no point."""
    chunk = read_chunk(path)
    while chunk.points or chunk.bitten:
        for place in chunk.bitten:
            say(f"{path.name}: the line at byte {place} is no point")
        yield chunk
        chunk = read_chunk(path, chunk.end)


def read_points(path: Path, say: Callable[[str], None] = lambda _: None) -> Iterator[Point]:
    """Read a journal from its beginning, as `read_chunks` does, point by point."""
    for chunk in read_chunks(path, say):
        yield from chunk.points


def _read_point(line: bytes) -> Point:
    text = line.decode()
    read, end = _DECODER.raw_decode(text)  # half the time of json.loads, which looks for white space around
    name, step = read["name"], read["step"]
    if (
        end != len(text) - 1
        or type(name) is not str
        or not (type(step) is int or (type(step) is float and math.isfinite(step)))
    ):
        raise ValueError("no point")
    return Point(name, step, unspelled(read["value"]), datetime.fromisoformat(read["timestamp"]))


def _step(step: Any) -> float:
    number = _number(step)
    if type(number) not in (int, float):
        raise ValueError(f"step={step!r} is no number")
    return number


def _number(value: Any) -> Any:
    """Make Python's of NumPy's numbers, and what JSON knows of anything else."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else spelled(value)
    return value if isinstance(value, int | str) or value is None else finite(flatten(value))
