"""Draws the numbers of an experiment and splits them into disjoint sets of examples."""

import collections
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from core.data.draw import Integers, make_draw
from core.data.numerals import number_word, word_parts
from core.data.split_plan import WITHIN, Interval, SplitPlan

_CHUNK = 4096  # numbers that are converted to Python's at a time


@dataclass(frozen=True)
class Split:
    """The examples of one purpose.

    Attributes:
        numbers: int64 [examples], all distinct.
        words: the number word of each, in the same order.
    """

    numbers: Integers
    words: Sequence[str]


class Words(Sequence[str]):
    """The words of numbers, written on demand: ten million of them would take a gigabyte.

    Two instances are equal only if they are the same object.
    """

    def __init__(self, numbers: Integers, language: str) -> None:
        """Write the words of numbers, int64 [words], in a language."""
        self._numbers = numbers
        self._language = language

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "Words": ...

    def __getitem__(self, place: int | slice) -> "str | Words":
        if isinstance(place, slice):
            return Words(self._numbers[place], self._language)
        return number_word(int(self._numbers[place]), self._language)

    def __repr__(self) -> str:
        return f"Words of {len(self)} numbers, language={self._language!r}"

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _CHUNK):
            for number in self._numbers[start : start + _CHUNK].tolist():
                yield number_word(number, self._language)


def draw_splits(plan: SplitPlan, *, seed: int) -> Mapping[str, Split]:
    """Draw the examples of every split.

    Args:
        plan: ranges and sizes. With cover_parts, training gets every drawn number below 20, and every part of a word
            that occurs in any number drawn within the range.
        seed: fixes the draw; the same seed with a larger data_size draws the same numbers and more.

    Returns:
        The examples of each split; no number is in two of them.

    Raises:
        ValueError: when training is too small to cover the parts, or the language has no word, or the same word, for
            some of the numbers.
    """
    intervals, language = plan.intervals, plan.language
    within = _draw(intervals["train"], seed, stop=intervals["test"].stop)
    if plan.cover_parts:
        within = _move_needed_to_front(within, size=intervals["train"].stop)
    numbers = {
        name: within[interval.start : interval.stop] if interval.stream == WITHIN else _draw(interval, seed)
        for name, interval in intervals.items()
    }
    for drawn in numbers.values():
        number_word(int(drawn.max()), language)  # the largest is the first without a word
    if language == "de":  # distinct numbers have distinct words, and these are fast to write
        return {name: Split(drawn, Words(drawn, language)) for name, drawn in numbers.items()}
    examples = {name: Split(drawn, tuple(Words(drawn, language))) for name, drawn in numbers.items()}
    words = collections.Counter(word for split in examples.values() for word in split.words)
    twice = next((word for word, count in words.items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"two of the numbers are called {twice!r} in language={language!r}: no fair test is possible")
    return examples


def _draw(interval: Interval, seed: int, stop: int | None = None) -> Integers:
    draw = make_draw(minimum=interval.minimum, maximum=interval.maximum, seed=seed, stream=interval.stream)
    return draw(np.arange(interval.start, interval.stop if stop is None else stop))


def _move_needed_to_front(numbers: Integers, size: int) -> Integers:
    """Move the numbers that cover all parts to the front; they must fit into its first `size` numbers."""
    needed = numbers < 20
    needed[list(_first_with_each_part(numbers).values())] = True
    if needed.sum() > size:
        raise ValueError(
            f"cover_parts=True needs {needed.sum()} numbers in training, which has {size}: "
            "raise data_size, lower validation_fraction and test_fraction, or set cover_parts=False"
        )
    return np.concatenate([numbers[needed], numbers[~needed]])


def _first_with_each_part(numbers: Integers) -> Mapping[int, int]:
    """Map each part of their words to the index of the first number that has it; 0 is left out."""
    first: dict[int, int] = {}
    for scale in (1000**group for group in range(6)):  # up to NUMBER_LIMIT
        groups, indices = np.unique(numbers // scale % 1000, return_index=True)
        for group, index in zip(groups.tolist(), indices.tolist(), strict=True):
            for part in word_parts(group * scale) if group else ():
                first[part] = min(index, first.get(part, index))
    return first
