"""Writes metrics.json, the metrics in the format of Sacred and incense, from a journal, and a cut journal from it."""

from __future__ import annotations

import heapq
import json
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import IO

from observers.directory.journal_reader import Point, read_block
from observers.directory.lines.columns import Texts, cut_columns
from observers.directory.lines.point import CORRUPT, read_point
from observers.directory.lines.spool import Spool, SpooledText
from observers.system.files import atomic_write, read_json
from observers.system.stderr import Warn, ignore
from observers.system.untrusted.opening import open_inside

METRICS = "metrics.json"

_BLOCK = 1 << 18  # bytes of the journal that are cut at once; another thread waits a millisecond or two for it


def write_metrics(journal: Path, target: Path, warn: Warn = ignore, columns: MetricColumns | None = None) -> None:
    """Replace metrics.json by the points of a journal.

    Values that are not finite become null. Memory does not grow with the number of points.

    Args:
        journal: with the points; a missing one has none.
        target: metrics.json.
        warn: called with each corrupt line.
        columns: of the same journal, which need not be read again.

    Raises:
        OSError: a file cannot be read or written; metrics.json is unchanged.
    """
    own = MetricColumns(target.parent) if columns is None else columns
    try:
        with atomic_write(target, sync_name=False) as file:  # an older one is no loss
            own.follow(journal, warn)
            own.write_to(file)
    finally:
        if columns is None:
            own.forget()


class MetricColumns:
    """The columns of metrics.json, which grow with a journal, so that little is left to do when a run ends."""

    def __init__(self, directory: Path) -> None:
        """Begin with no points; the directory is that of the temporary file."""
        self._directory = directory
        self._version: tuple[int, int, int] | None = None  # of the file if all that was read is as it was then
        self._begin()

    def follow(self, journal: Path, warn: Warn = ignore, *, is_check: bool = True) -> None:
        """Read what a journal has more than at the last call.

        Args:
            journal: with the points; a missing one has none.
            warn: called with each corrupt line.
            is_check: read all of it if what was read before has changed since.

        Raises:
            OSError: a file cannot be read or written; the next call reads all of the journal.
        """
        try:
            with open_inside(journal.parent, journal.name) as file:
                version = _version(file)
                if is_check and not self._is_as_read(file):
                    self.forget()
                self._version = version if is_check or not self._end else None
                self._read(file, lambda offset: warn(f"{journal.name}: corrupt line at byte {offset}"))
        except FileNotFoundError:
            self.forget()
        except BaseException:
            self.forget()
            raise

    def write_to(self, file: IO[bytes]) -> None:
        """Write metrics.json."""
        file.write(b"{")
        for place, name in enumerate(sorted(self._metrics)):
            file.write(f"{',' if place else ''}\n{json.dumps(name)}: {{".encode())
            for title, column in zip(Texts._fields, self._metrics[name]):
                file.write(f"{'' if title == Texts._fields[0] else ','}\n  {json.dumps(title)}: [".encode())
                column.write_to(file)
                file.write(b"]")
            file.write(b"\n}")
        file.write(b"\n}\n")

    def forget(self) -> None:
        """Remove the temporary file, and begin again with no points."""
        self._spool.close()
        self._begin()

    def _begin(self) -> None:
        self._spool = Spool(self._directory)
        self._metrics: dict[str, list[SpooledText]] = {}
        self._end = self._checksum = 0
        self._version = None

    def _read(self, file: BufferedReader, report: Callable[[int], None]) -> None:
        """Read lines from the end of those that were read before."""
        while True:
            block, end = read_block(file, self._end, _BLOCK)
            if not block:
                break
            metrics, corrupt = cut_columns(block)
            for offset in corrupt:
                report(self._end + offset)
            for name, parts in metrics.items():
                columns = self._metrics.get(name) or [SpooledText(self._spool) for _ in Texts._fields]
                self._metrics[name] = columns
                for texts in parts:
                    for column, text in zip(columns, texts):
                        column.add(text)
            self._checksum = zlib.crc32(block, self._checksum)
            self._end = end

    def _is_as_read(self, file: BufferedReader) -> bool:
        """Tell whether the lines that were read are still the same."""
        if self._version == _version(file):
            return True
        checksum, place = 0, 0
        while place < self._end and (block := os.pread(file.fileno(), min(_BLOCK, self._end - place), place)):
            checksum = zlib.crc32(block, checksum)
            place += len(block)
        return (place, checksum) == (self._end, self._checksum)


def _version(file: BufferedReader) -> tuple[int, int, int]:
    """Return the number, the time and the size by which a change of a file shows."""
    about = os.fstat(file.fileno())
    return about.st_ino, about.st_mtime_ns, about.st_size


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
                except CORRUPT:
                    continue


def _with_lines(points: list[Point]) -> Iterator[tuple[Point, bytes]]:
    for point in points:
        content = {**point._asdict(), "timestamp": point.timestamp.isoformat()}
        yield point, json.dumps(content, separators=(",", ":")).encode() + b"\n"
