"""Prints a table of words and the answers of a network."""

import math
import sys
from collections.abc import Iterable, Mapping

WORD_WIDTH = 32
"""Characters of the first column. A longer word shifts its row to the right."""

_LARGE = 1e5  # a larger value has two decimals


def show_answers(words: Iterable[str], answers: Iterable[Mapping[str, float]], headings: Mapping[str, str]) -> None:
    """Print a row for each word, and at the end how many words were unreadable.

    The rows are printed as the answers come, since standard input may have any number of words. A library that lays
    out a table needs all rows first.

    Args:
        words: first column.
        answers: for each word the answers by name, and `readable`.
        headings: the column titles by the names of the answers.
    """
    unreadable, titles = 0, None
    for word, answer in zip(words, answers, strict=True):
        if titles is None:  # the head decides which answers there are
            titles = {name: title for name, title in headings.items() if name in answer}
            print("  ".join(["word".ljust(WORD_WIDTH), *titles.values()]))
        cells = [_cell(answer[name]) if answer["readable"] else "-" for name in titles]
        row = [cell.rjust(len(title)) for cell, title in zip(cells, titles.values(), strict=True)]
        print("  ".join([word.ljust(WORD_WIDTH), *row]))
        unreadable += not answer["readable"]
    if unreadable:
        print(f"unreadable words: {unreadable} (empty, too long, or with characters not in training)", file=sys.stderr)


def _cell(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.6g}" if abs(value) < _LARGE or not math.isfinite(value) else f"{value:.2f}"
