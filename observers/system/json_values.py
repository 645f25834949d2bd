"""Converts any value to one that JSON can hold.

JSON has no NaN and no infinities. They become the strings NaN, Infinity and -Infinity, as in the JSON mapping of
Protocol Buffers.
"""

import math
import sys
from typing import Any

from sacred.serializer import flatten

_ATTEMPTS = 3
_FLOATS: dict[object, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def to_json(content: object) -> Any:
    """Convert a value as Sacred does; an item that cannot be converted becomes its string."""
    for _ in range(_ATTEMPTS):
        try:
            return name_floats(flatten(_without_numpy(content)))
        except RuntimeError:  # another thread has just changed a dictionary
            continue
        except Exception:
            break
    if isinstance(content, dict):
        return {str(name): to_json(value) for name, value in list(content.items())}
    return str(content)


def name_floats(value: Any) -> Any:
    """Replace floats that are not finite by their names, at any depth of lists and dictionaries."""
    if isinstance(value, float) and not math.isfinite(value):
        return float_name(value)
    if isinstance(value, dict):
        return {name: name_floats(item) for name, item in value.items()}
    return [name_floats(item) for item in value] if isinstance(value, list) else value


def float_name(value: float) -> str:
    """Return the name of NaN or an infinity."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def parse_float_name(value: Any) -> Any:
    """Return the float that a string names, or any other value unchanged."""
    return _FLOATS.get(value, value) if isinstance(value, str) else value


def numpy_type(name: str) -> Any:
    """Return a type of NumPy for isinstance; one that has no values if NumPy is not imported."""
    return getattr(sys.modules.get("numpy"), name, ())


def _without_numpy(value: Any) -> Any:
    """Replace NumPy's numbers by Python's, at any depth of lists, tuples and dictionaries."""
    if isinstance(value, numpy_type("generic")):
        return value.item()
    if isinstance(value, dict):
        return {name: _without_numpy(item) for name, item in value.items()}
    return [_without_numpy(item) for item in value] if type(value) in (list, tuple) else value
