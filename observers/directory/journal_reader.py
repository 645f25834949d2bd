"""Reads the metric points of a journal."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Optional

from observers.directory.lines.decoding import decode_lines
from observers.directory.lines.point import Point as Point
from observers.system.stderr import Warn
from observers.system.untrusted.opening import open_inside

_CHUNK = 10_000  # points that are read at once
_BLOCK = 1 << 16  # bytes that are decoded at once, in less than a millisecond; then other threads can run
_LONGEST_LINE = 64 << 20  # bytes

Yield = Optional[Callable[[], None]]
"""Is called every millisecond to let other threads run; None runs without a break."""


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
    chunk = Chunk([], start, [])
    try:
        file = open_inside(path.parent, path.name)
    except FileNotFoundError:
        return chunk
    left = _CHUNK
    with file:
        while left > 0:
            block, end = read_block(file, chunk.end, _BLOCK)
            if not block:
                break
            if yield_now is not None and chunk.end > start:
                yield_now()
            if block.count(b"\n") > left:
                block = block[: len(block) - len(block.split(b"\n", left)[-1])]
                end = chunk.end + len(block)
            points, corrupt = decode_lines(block)
            chunk = Chunk(chunk.points + points, end, chunk.corrupt + [chunk.end + offset for offset in corrupt])
            left -= len(points) + len(corrupt)
    return chunk


def read_block(file: BufferedReader, start: int, size: int) -> tuple[bytes, int]:
    """Read whole lines.

    Args:
        file: a journal.
        start: the offset of the first line.
        size: bytes to read; more if they have no whole line.

    Returns:
        The lines, empty if there is no whole one, and the offset after them. A line that is too long comes without its
        end, and as the last: what follows cannot be read in bounded time.
    """
    descriptor = file.fileno()
    block = os.pread(descriptor, size, start)
    end = block.rfind(b"\n") + 1
    while not end and len(block) < _LONGEST_LINE:
        more = os.pread(descriptor, min(len(block), _LONGEST_LINE - len(block)), start + len(block))
        if not more:
            return b"", start
        end = len(block) + more.rfind(b"\n") + 1 if b"\n" in more else 0
        block += more
    if not end:
        return block, os.fstat(descriptor).st_size
    return block[:end], start + end


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
