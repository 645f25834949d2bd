"""Which parts of the words are missed most: `sieben`, `und`, `hundert`."""

import collections
import re
from collections.abc import Iterable
from functools import cache

from tabulate import tabulate

from core.data.numerals import number_word, word_parts
from experiments.commands.mistakes.answered import Answered

LEAST_WORDS = 5
"""A part must be in so many words to be shown: its share says little otherwise."""

_MOST_PARTS = 12
_GERMAN = "ein eine hundert tausend und Million Millionen Milliarde Milliarden Billion Billionen Billiarde Billiarden"


def split_word(number: int, word: str, language: str) -> frozenset[str]:
    """Split a number word into its parts.

    Args:
        number: of the word.
        word: as core.data.numerals writes it.
        language: of the word. German is split into the parts as they are written, `vier`, `hundert`, `und`; any other
            language into the words of the numbers that make it up, `four`, `one hundred`.
    """
    if language == "de":
        return frozenset(_german_parts().findall(word))
    return frozenset(_words_of_parts(word_parts(number), language))


def format_parts(answered: Answered, language: str) -> str:
    """Format a table of the parts with the largest shares of missed words, with a heading."""
    words: collections.Counter[str] = collections.Counter()
    missed: collections.Counter[str] = collections.Counter()
    for number, word, right in zip(answered.numbers.tolist(), answered.words, answered.right.tolist(), strict=True):
        parts = split_word(number, word, language)
        words.update(parts)
        if not right:
            missed.update(parts)
    shares = {part: count / words[part] for part, count in missed.items() if words[part] >= LEAST_WORDS}
    if not shares:
        return f"no part of the missed words is in {LEAST_WORDS} words or more"
    most = sorted(shares, key=lambda part: (-shares[part], -missed[part], part))[:_MOST_PARTS]
    rows = [[part, words[part], missed[part], f"{shares[part]:.3g}"] for part in most]
    rows.append(["(any)", len(answered.words), len(answered.missed), f"{1 - answered.right.mean():.3g}"])
    table = tabulate(
        rows, ["part", "words", "missed", "share"], "plain", disable_numparse=True, colalign=["left", *["right"] * 3]
    )
    return f"parts of the words, the most missed first (of those in {LEAST_WORDS} words or more)\n{table}"


@cache
def _german_parts() -> re.Pattern[str]:
    """Match one part. A longer part comes first: `dreizehn` is not `drei` and `zehn`."""
    numbers = [number_word(number) for number in (*range(20), *range(20, 100, 10))]
    return re.compile("|".join(sorted({*numbers, *_GERMAN.split()}, key=len, reverse=True)))


@cache
def _words_of_parts(parts: Iterable[int], language: str) -> tuple[str, ...]:
    return tuple(number_word(part, language) for part in parts)
