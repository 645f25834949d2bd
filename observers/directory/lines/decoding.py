"""Decodes lines of a journal: many at once if each is a point whose value is no list or mapping, or one by one.

Both ways give the same points. Where a line is corrupt, halves are tried, so that only the lines around it are read
one by one.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from observers.directory.lines.point import CORRUPT, Point, read_point
from observers.system.json_values import parse_float_name

_SMALL = 4096  # bytes of a block that is not halved
_LONG = 2.0**63  # orjson makes a float of an integer that is too long for 64 bits


class Columns(NamedTuple):
    """Points in the order of their lines, a list for each item."""

    names: list[str]
    steps: list[float]
    values: list[Any]
    timestamps: list[datetime]

    def joined(self, more: Columns) -> Columns:
        """Return these points and then those of `more`."""
        return Columns(
            self.names + more.names,
            self.steps + more.steps,
            self.values + more.values,
            self.timestamps + more.timestamps,
        )


def decode_lines(block: bytes) -> tuple[list[Point], list[int]]:
    """Decode whole lines, each with its end.

    Returns:
        The points in the order of their lines, and the offset of each corrupt line in the block.
    """
    columns, corrupt = decode_columns(block)
    return list(map(Point._make, zip(*columns))), corrupt


def decode_columns(block: bytes) -> tuple[Columns, list[int]]:
    """Decode whole lines, each with its end, as `decode_lines` does, without an object for each point."""
    columns = _decode_at_once(block)
    if columns is not None:
        return columns, []
    middle = half(block)
    if middle:
        first, corrupt = decode_columns(block[:middle])
        second, further = decode_columns(block[middle:])
        return first.joined(second), corrupt + [middle + offset for offset in further]
    points, corrupt, start = [], [], 0
    for line in io.BytesIO(block):
        try:
            points.append(read_point(line))
        except CORRUPT:
            corrupt.append(start)
        start += len(line)
    return Columns(*map(list, zip(*points))) if points else Columns([], [], [], []), corrupt


def half(block: bytes) -> int:
    """Return where a line begins near the middle of a block, 0 if the block is small."""
    return block.find(b"\n", len(block) // 2, -1) + 1 if len(block) > _SMALL else 0


def _decode_at_once(block: bytes) -> Columns | None:
    """Decode whole lines; return None if a line has to be read on its own."""
    if not _are_objects(block):
        return None
    try:
        points: list[dict[str, Any]] = orjson.loads(b"[" + block[:-1].replace(b"\n", b",") + b"]")
        names = [point["name"] for point in points]
        steps = [point["step"] for point in points]
        values = [point["value"] for point in points]
        times = list(map(datetime.fromisoformat, [point["timestamp"] for point in points]))
    except (ValueError, TypeError, KeyError):
        return None
    if set(map(type, names)) != {str} or not set(map(type, steps)) <= {int, float}:
        return None
    if not (are_exact(steps) and are_exact(values)):
        return None
    if str in set(map(type, values)):
        values = list(map(parse_float_name, values))
    return Columns(names, steps, values, times)


def _are_objects(block: bytes) -> bool:
    """Tell whether each line is one object without a list or an object in it, as far as brackets can tell.

    Then a comma in place of each line end gives a list with an item for each line, or what is no JSON at all.
    """
    lines = block.count(b"\n")
    return (
        block.startswith(b'{"name":')
        and block.count(b"{") == block.count(b"}\n") == block.count(b"}") == lines
        and block.count(b'\n{"name":') == lines - 1
        and b"[" not in block
    )


def are_exact(numbers: list[Any]) -> bool:
    """Tell whether no float is so large that it may have been an integer of more than 64 bits."""
    floats = [number for number in numbers if type(number) is float]
    return not floats or -_LONG < min(floats) <= max(floats) < _LONG
