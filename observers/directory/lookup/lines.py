"""Decodes lines of a journal: all at once where that gives the same as one by one, in a fraction of the time."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any

import orjson

from observers.directory.lines.point import read_point
from observers.system.json_values import parse_float_name

PointColumns = tuple[list[str], list[float], list[Any]]
"""The names, steps and values of points, in the order of their lines."""

START = b'{"name":"'
"""How Journal begins a line."""

KEY = b'"name"'
"""Stands once in a line that Journal writes, if no name or text is `name`."""

CORRUPT = (ValueError, TypeError, KeyError, RecursionError)
"""What read_point raises for a corrupt line."""

_LARGEST_INTEGER = float(1 << 63)  # orjson makes a float of an integer of more than 64 bits
_ITEMS = ("name", "step", "value", "timestamp")
_PLAIN = {int, float, str, bool, type(None)}  # others may be nested too deeply


def decode_lines(text: bytes) -> PointColumns:
    """Return names, steps and values of lines, all decoded at once, or one by one if some are corrupt or unusual."""
    lines = text.count(b"\n") + 1
    if (
        text.startswith(START)
        and text.endswith(b"}")
        and text.count(b"}\n" + START) == lines - 1
        and text.count(KEY) == lines
    ):
        try:
            points = orjson.loads(b"[%b]" % text.replace(b"\n", b","))
            return _columns(points, lines)
        except CORRUPT:
            pass
    names, steps, values = [], [], []
    for line in text.split(b"\n"):
        try:
            point = read_point(line + b"\n")
        except CORRUPT:
            continue
        names.append(point.name)
        steps.append(point.step)
        values.append(point.value)
    return names, steps, values


def _columns(points: list[Any], lines: int) -> PointColumns:
    """Take the columns out of decoded points.

    Raises:
        ValueError: read_point might see something else in the lines.
        KeyError: an item is missing.
        TypeError: an item has a wrong type.
    """
    names, steps, values, times = (list(map(itemgetter(item), points)) for item in _ITEMS)
    list(map(datetime.fromisoformat, times))
    numbers = [value for value in values if type(value) is float]
    if (
        len(points) != lines  # a line holds more than a point
        or not set(map(type, names)) <= {str}
        or not set(map(type, steps)) <= {int, float}
        or not set(map(type, values)) <= _PLAIN
        or not all(-_LARGEST_INTEGER < bound < _LARGEST_INTEGER for bound in (*_bounds(steps), *_bounds(numbers)))
    ):
        raise ValueError("some lines are unusual")
    return names, steps, [parse_float_name(value) if type(value) is str else value for value in values]


def _bounds(numbers: list[float]) -> tuple[float, ...]:
    return (min(numbers), max(numbers)) if numbers else ()
