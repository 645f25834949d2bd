"""Writes numbers as Python does, and tells whether many texts are written so already."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

from observers.directory.lines.decoding import are_exact

_OTHER_EXPONENT = re.compile(rb"e(?![+-]\d\d)")  # than Python writes
_SMALL_NUMBER = re.compile(rb"(?<![0-9.])0\.0000([1-9])([0-9]*)")  # as orjson writes it
_SHORT_EXPONENT = re.compile(rb"(e[+-])([0-9])(?![0-9])")


def value_text(value: Any) -> str:
    """Return the text of a value in metrics.json; one that is not finite becomes null."""
    if type(value) is float:
        return repr(value) if math.isfinite(value) else "null"
    return json.dumps(value)


def as_python(text: bytes, count: int, kinds: set[type]) -> bytes | list[str] | None:
    """Write numbers of JSON as Python does.

    Args:
        text: the numbers, separated by commas.
        count: how many they should be.
        kinds: the types that they may have.

    Returns:
        The text if it is written so already, or the text of each number; None if they are not so many, or of another
        type, or may have more than 64 bits.
    """
    try:
        numbers = orjson.loads(b"[" + text + b"]")
    except ValueError:
        return None
    if len(numbers) != count or not set(map(type, numbers)) <= kinds:
        return None
    written = orjson.dumps(numbers)[1:-1]
    if b"0.0000" in written:
        written = _SMALL_NUMBER.sub(_with_exponent, written)
    if b"e" in written:
        written = _SHORT_EXPONENT.sub(rb"\g<1>0\2", written)
    if written == text and not (b"e" in text and _OTHER_EXPONENT.search(text)):
        return text
    return [value_text(number) for number in numbers] if are_exact(numbers) else None


def _with_exponent(small: re.Match[bytes]) -> bytes:
    """Return a number of 0.00001..0.0001 as Python writes it."""
    return small[1] + (b"." + small[2] if small[2] else b"") + b"e-05"
