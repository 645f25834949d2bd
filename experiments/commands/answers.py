"""Prints a table of words and the answers of a network."""

import sys
from collections.abc import Iterable, Mapping

WORD_WIDTH = 32
"""Characters of the first column. A longer word shifts its row to the right."""


def show_answers(words: Iterable[str], answers: Iterable[Mapping[str, float]], headings: Mapping[str, str]) -> None:
    """Print a row for each word, and at the end how many words were unreadable.

    The rows are printed as the answers come, since standard input may have any number of words. A library that lays
    out a table needs all rows first.

    Args:
        words: first column.
        answers: for each word the answers by name, and `readable`.
        headings: the column titles by the names of the answers.
    """
    print("  ".join(["word".ljust(WORD_WIDTH), *headings.values()]))
    unreadable = 0
    for word, answer in zip(words, answers, strict=True):
        cells = [f"{answer[name]:.6g}" if answer["readable"] else "-" for name in headings]
        row = [cell.rjust(len(heading)) for cell, heading in zip(cells, headings.values(), strict=True)]
        print("  ".join([word.ljust(WORD_WIDTH), *row]))
        unreadable += not answer["readable"]
    if unreadable:
        print(f"unreadable words: {unreadable} (empty, too long, or with characters not in training)", file=sys.stderr)
