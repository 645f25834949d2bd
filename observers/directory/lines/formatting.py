"""Formats one line of a journal."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

import orjson
from sacred.serializer import flatten

from observers.system.json_values import float_name, name_floats


class Name(NamedTuple):
    """The name of a metric as JSON, and as orjson gets it."""

    text: str
    plain: Any


def line_of(name: Name, step: float, value: Any, time_text: str) -> bytes:
    """Return the line of a point."""
    if type(value) is float:
        text = repr(value) if math.isfinite(value) else f'"{float_name(value)}"'
    else:
        text = json.dumps(value, allow_nan=False)
    return f'{{"name":{name.text},"step":{step},"value":{text},"timestamp":"{time_text}"}}\n'.encode()


def metric_name_of(name: Any) -> Name:
    """Return the name of a metric.

    Raises:
        ValueError: it is not a name that every reader can take.
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"{name!r} is not a metric name: it must be a text that is not empty, such as 'train/loss'")
    if "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise ValueError(f"{name!r} is not a metric name: it contains a character that cannot be stored")
    text = json.dumps(str(name))
    return Name(text, str(name) if orjson.dumps(str(name)) == text.encode() else orjson.Fragment(text))


def plain_step(step: Any) -> float:
    """Return a step as a number of Python.

    Raises:
        ValueError: it is no finite number.
    """
    number = plain_value(step)
    if type(number) not in (int, float):
        raise ValueError(f"step={step!r} is not a number")
    return number


def plain_value(value: Any) -> Any:
    """Convert NumPy's numbers to Python's, and anything else to what JSON can hold."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else float_name(value)
    return value if isinstance(value, (int, str)) or value is None else name_floats(flatten(value))
