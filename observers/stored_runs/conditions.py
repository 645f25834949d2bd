"""Reads conditions on runs from a line of text, such as `hidden=8,16 seed>2 status!=FAILED`.

    NAME=VALUE    NAME!=VALUE               equal to it, or not; also to one of several: hidden=8,16  seed=0..4
    NAME<VALUE    NAME<=VALUE    > and >=   two numbers, or two texts in the order of their characters
    NAME~TEXT                               contains the text, in capitals or not

Blanks stand between conditions, and all conditions must hold. A value is a number, True, False, None, a list, or else
a text; in quotes it is always a text. None stands for a missing value.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from observers.system.json_values import numpy_type

_ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_OPERATORS = "= != < <= > >= ~"
_FORM = f"write NAME=VALUE without blanks, with one of {_OPERATORS}"

_QUOTED = r"\"[^\"]*\"|'[^']*'"
_BRACKETS = r"\[[^\[\]]*\]|\([^()]*\)"
_WORD = re.compile(rf"(?:{_QUOTED}|[^\s\"'])+")
_ITEM = re.compile(rf"(?:{_QUOTED}|{_BRACKETS}|[^,\"'])+")
_CONDITION = re.compile(r"([^=!<>~\"']+)(!=|<=|>=|=|<|>|~)(.*)", re.DOTALL)
_RANGE = re.compile(r"(-?\d{1,18})\.\.(-?\d{1,18})")
_MOST_VALUES = 100_000  # of a range


@dataclass(frozen=True)
class Condition:
    """A condition on one value of a run.

    Attributes:
        name: of the value, for example a config entry.
        operator: one of = != < <= > >= and ~.
        values: what to compare with; = and != may have several.
    """

    name: str
    operator: str
    values: tuple[Any, ...]

    def holds(self, value: Any) -> bool:
        """Tell whether the condition holds for a value; None, NaN and an empty list are missing values.

        A missing value equals None only. A list also equals each of its items. A number and a text are never in
        order.
        """
        value = _plain(value)
        if self.operator == "=":
            return self._equals_one(value)
        if self.operator == "!=":
            return not self._equals_one(value)
        expected = self.values[0]
        if self.operator == "~":
            items = value if isinstance(value, list) else [value]
            return any(item is not None and expected.casefold() in str(item).casefold() for item in items)
        return _kind(value) == _kind(expected) is not None and _ORDERS[self.operator](value, expected)

    def _equals_one(self, value: Any) -> bool:
        items = [value, *value] if isinstance(value, list) else [value]
        return any(_is_equal(item, expected) for item in items for expected in self.values)


def read_conditions(text: str) -> tuple[Condition, ...]:
    """Read conditions that stand between blanks.

    Raises:
        ValueError: the text holds no condition, or something else; the message is one line.
    """
    if re.search(r"[\"']", re.sub(_QUOTED, "", text)):
        raise ValueError(f"a quotation mark is not closed in {' '.join(text.split())}")
    words = _WORD.findall(text)
    if not words:
        raise ValueError(f"the condition is empty: {_FORM}")
    return tuple(_read_condition(word) for word in words)


def _read_condition(word: str) -> Condition:
    match = _CONDITION.fullmatch(word)
    if match is None:
        raise ValueError(f"{word} is not a condition: {_FORM}")
    name, sign, text = match.groups()
    if not text:
        raise ValueError(f"{word} has no value: {_FORM}; None stands for a missing value")
    if text.startswith("="):
        raise ValueError(f"{word} is not a condition: equal is written with one =")
    if sign == "~":
        return Condition(name, sign, (_unquote(text),))
    values = _read_values(word, text)
    if len(values) > 1 and sign in _ORDERS:
        raise ValueError(f"{word} has {len(values)} values, and {sign} takes one")
    return Condition(name, sign, values)


def _read_values(word: str, text: str) -> tuple[Any, ...]:
    """Read values between commas; a range stands for its whole numbers, both ends included."""
    items = _ITEM.findall(text)
    if ",".join(items) != text:
        raise ValueError(f"{word} has an empty value: remove the extra comma")
    values: list[Any] = []
    for item in items:
        span = _RANGE.fullmatch(item)
        if span is None:
            values.append(_read_value(item))
            continue
        first, last = int(span[1]), int(span[2])
        if not first <= last < first + _MOST_VALUES:
            raise ValueError(
                f"{item} is not a range: the smaller number comes first, and at most {_MOST_VALUES} values"
            )
        values += range(first, last + 1)
    return tuple(values)


def _read_value(text: str) -> Any:
    """Read a value as Sacred does: a Python literal, or else a text."""
    if re.search(_QUOTED, text) and text[0] not in "[(":
        return _unquote(text)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _unquote(text)


def _unquote(text: str) -> str:
    return re.sub(_QUOTED, lambda quoted: quoted[0][1:-1], text)


def _plain(value: Any) -> Any:
    """Return a value of NumPy as one of Python, a time as text, and None if the value is missing."""
    if isinstance(value, (numpy_type("generic"), numpy_type("ndarray"))):
        value = value.tolist()
    if isinstance(value, (tuple, list)):
        return list(value) or None
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value


def _kind(value: Any) -> type | None:
    """Return what can be compared with its like: float for numbers, str for texts; None for all else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float
    return str if isinstance(value, str) else None


def _is_equal(value: Any, expected: Any) -> bool:
    """Tell whether two values are equal; a text also equals a number or a truth value that is written so."""
    if isinstance(value, bool) != isinstance(expected, bool):
        return isinstance(value, str) and value == str(expected)
    if isinstance(value, str) and isinstance(expected, (int, float)):
        return value == str(expected)
    return bool(value == _plain(expected))
