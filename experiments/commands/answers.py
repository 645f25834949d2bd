"""Prints a table of words and the answers of a network."""

import math
import sys
from collections.abc import Iterable, Mapping

WORD_WIDTH = 32
"""Characters of the first column. A longer word shifts its row to the right."""

REMARK = "remark"
"""The name of the last column, text."""

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SHOWN = {code: chr(code).encode("unicode_escape").decode() for code in _CONTROLS}  # they would control the terminal
_LARGE = 1e5  # a larger value has two decimals


def show_answers(
    words: Iterable[str], answers: Iterable[Mapping[str, float | str | None]], headings: Mapping[str, str]
) -> None:
    """Print a row for each word, and at the end how many words were unreadable.

    The rows are printed as the answers come, since standard input may have any number of words. A library that lays
    out a table needs all rows first.

    Args:
        words: first column.
        answers: for each word the answers by name, and `readable`; None is shown as a dash.
        headings: the column titles by the names of the answers.
    """
    unreadable, titles = 0, None
    for word, answer in zip(words, answers, strict=True):
        if titles is None:  # the head decides which answers there are
            titles = {name: title for name, title in headings.items() if name in answer}
            print("  ".join(["word".ljust(WORD_WIDTH), *titles.values()]))
        row = [_cell(answer, name).rjust(0 if name == REMARK else len(title)) for name, title in titles.items()]
        print("  ".join([word.translate(_SHOWN).ljust(WORD_WIDTH), *row]).rstrip())
        unreadable += not answer["readable"]
    if unreadable:
        print(f"unreadable words: {unreadable}", file=sys.stderr)


def format_value(value: float) -> str:
    """Format a value in the way of the table: whole numbers as they are, others with six digits."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.6g}" if abs(value) < _LARGE or not math.isfinite(value) else f"{value:.2f}"


def _cell(answer: Mapping[str, float | str | None], name: str) -> str:
    value = answer[name]
    if name == REMARK:
        return str(value or "")
    if value is None or (not answer["readable"] and not isinstance(value, str)):
        return "-"
    return value if isinstance(value, str) else format_value(value)
