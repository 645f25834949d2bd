"""Config values and figures of runs, as a table, an axis or a sort order takes them."""

import math
from typing import Any

import pandas as pd


def is_missing(value: Any) -> bool:
    """Tell whether a cell of a table is empty."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def value_as_given(value: object) -> object:
    """Return the value of a config entry as it was given: pandas makes 5.0 of 5 in a column with None."""
    if is_missing(value):
        return "None"
    if isinstance(value, list | dict | set | tuple):
        return str(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_text(value: Any) -> str:
    """Write the cell of a table: four digits of a float, nothing for a missing value, and no line break."""
    if is_missing(value):
        return ""
    value = value_as_given(value)
    return f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).split())


def as_numbers(values: pd.Series) -> tuple[pd.Series, list[str] | None]:
    """Return numbers for an axis or a model: the values, or the place of each word in the alphabet.

    Returns:
        The numbers, with the index of the values; and the words in the order of their places, None for numbers.
    """
    given = values.map(value_as_given)
    numbers = pd.to_numeric(given, errors="coerce")
    if numbers.notna().all():
        return numbers, None
    words = given.map(str).astype("category")
    return words.cat.codes, [str(word) for word in words.cat.categories]


def order(key: object) -> tuple[tuple[int, float, str], ...]:
    """Return the sort key of a group: numbers in ascending order, then words."""
    values = key if isinstance(key, tuple) else (key,)
    return tuple(
        (0, float(value), "")
        if isinstance(value, int | float) and not isinstance(value, bool)
        else (1, 0.0, str(value))
        for value in values
    )
