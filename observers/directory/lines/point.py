"""Reads one line of a journal."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any, NamedTuple

from observers.system.json_values import parse_float_name

CORRUPT = (ValueError, TypeError, KeyError, RecursionError)
"""What `read_point` raises for a corrupt line."""

_DECODER = json.JSONDecoder()


class Point(NamedTuple):
    """One value of a metric."""

    name: str
    step: float
    value: Any
    timestamp: datetime


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
