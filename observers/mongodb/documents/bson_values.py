"""Converts values of JSON to what BSON can hold; what it cannot hold becomes text, and nothing else does."""

import json
from typing import Any

from sacred.observers.mongo import force_valid_bson_key

_INTEGER_BITS = 64
_DEEPEST = 90  # levels within an entry; MongoDB takes 100 or more


def to_bson(value: Any, depth: int = 0) -> Any:
    """Convert a value.

    An integer of more than 64 bits becomes its digits, half of a surrogate pair its code, and what lies too deep its
    JSON text. Names of fields are changed as Sacred does, and NUL to its code.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -(2 ** (_INTEGER_BITS - 1)) <= value < 2 ** (_INTEGER_BITS - 1) else _digits(value)
    if isinstance(value, (dict, list)) and depth >= _DEEPEST:
        return to_bson(json.dumps(value))
    if isinstance(value, dict):
        return {_field_name(name): to_bson(item, depth + 1) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_bson(item, depth + 1) for item in value]
    return value


def _field_name(name: Any) -> str:
    text: str = to_bson(force_valid_bson_key(str(name)))
    return text.replace("\0", "\\0")


def _digits(value: int) -> str:
    """Return the digits of an integer, in base 16 where Python limits the length of decimals."""
    try:
        return str(value)
    except ValueError:
        return hex(value)
