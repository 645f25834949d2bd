"""Draws the numbers of an experiment and splits them into disjoint sets of examples.

A split is an interval of the index of a draw (core.draw): train, validation and test follow each other in the
draw from min_number..max_number, extrapolation is the beginning of another from max_number+1..extrapolation_max.
Where training has to cover every part of the words, the numbers that it needs for that are moved to the front.
"""

import collections
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from core.draw import Integers, make_draw
from core.numerals import number_word, word_parts

_WITHIN, _BEYOND = 0, 1  # streams of the draw
_CHUNK = 4096  # numbers that are turned into Python's at a time


@dataclass(frozen=True)
class Interval:
    """Where the numbers of a split come from: the indices start..stop-1 of the draw from minimum..maximum."""

    minimum: int
    maximum: int
    stream: int
    start: int
    stop: int


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
    """The words of numbers, written when they are asked for: ten million of them would take a gigabyte.

    Two of them are equal when they are the same object.
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


def make_examples(
    *, language: str, seed: int, splits: Mapping[str, Interval], cover_parts: bool
) -> Mapping[str, Split]:
    """Draw the examples of an experiment.

    Args:
        language: of the number words, as in core.numerals.number_word.
        seed: fixes the draw; the same seed with a larger data_size draws the same numbers and more.
        splits: from plan_splits.
        cover_parts: see that training has every number below 20 that was drawn, and every part of the words that
            occurs in any number that was drawn within the range.

    Returns:
        The examples of each split, no number in two of them.

    Raises:
        ValueError: when training is too small to cover the parts, or the language has no word, or the same word, for
            some of the numbers.
    """
    within = _drawn(splits["train"], seed, stop=splits["test"].stop)
    if cover_parts:
        within = _needed_first(within, size=splits["train"].stop)
    numbers = {
        name: within[interval.start : interval.stop] if interval.stream == _WITHIN else _drawn(interval, seed)
        for name, interval in splits.items()
    }
    for drawn in numbers.values():
        number_word(int(drawn.max()), language)  # the largest is the first to have no word
    if language == "de":  # distinct numbers have distinct words, and these are quickly written
        return {name: Split(drawn, Words(drawn, language)) for name, drawn in numbers.items()}
    examples = {name: Split(drawn, tuple(Words(drawn, language))) for name, drawn in numbers.items()}
    words = collections.Counter(word for split in examples.values() for word in split.words)
    twice = next((word for word, count in words.items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"two of the numbers are called {twice!r} in language={language!r}: no test of it is fair")
    return examples


def plan_splits(
    *,
    min_number: int,
    max_number: int,
    data_size: int,
    validation_fraction: float,
    test_fraction: float,
    extrapolation_max: int | None,
    extrapolation_size: int,
) -> Mapping[str, Interval]:
    """Share out the numbers, without drawing any.

    Args:
        min_number: the smallest number that may be drawn.
        max_number: the largest.
        data_size: how many distinct numbers there are in train, validation and test together.
        validation_fraction: the share of them that chooses the checkpoint, rounded to whole numbers.
        test_fraction: the share of them that measures it, rounded likewise.
        extrapolation_max: when given, further numbers come from max_number+1..extrapolation_max.
        extrapolation_size: how many.

    Returns:
        The intervals of `train`, `validation`, `test` and, when asked for, `extrapolation`.

    Raises:
        ValueError: when a range is too small for its numbers, or a split comes out empty.
    """
    _check_room("data_size", data_size, min_number, max_number)
    validation = round(data_size * validation_fraction)
    test = round(data_size * test_fraction)
    splits, start = {}, 0
    for name, size in (("train", data_size - validation - test), ("validation", validation), ("test", test)):
        if size < 1:
            raise ValueError(
                f"data_size={data_size} with validation_fraction={validation_fraction} and "
                f"test_fraction={test_fraction} leaves no number for {name}: each split needs one at least"
            )
        splits[name] = Interval(min_number, max_number, _WITHIN, start, start + size)
        start += size
    if extrapolation_max is not None:
        if extrapolation_max <= max_number:
            raise ValueError(f"extrapolation_max={extrapolation_max} is not larger than max_number={max_number}")
        _check_room("extrapolation_size", extrapolation_size, max_number + 1, extrapolation_max)
        splits["extrapolation"] = Interval(max_number + 1, extrapolation_max, _BEYOND, 0, extrapolation_size)
    return splits


def _drawn(interval: Interval, seed: int, stop: int | None = None) -> Integers:
    draw = make_draw(minimum=interval.minimum, maximum=interval.maximum, seed=seed, stream=interval.stream)
    return draw(np.arange(interval.start, interval.stop if stop is None else stop))


def _needed_first(numbers: Integers, size: int) -> Integers:
    """Move the numbers that cover all parts to the front, which `size` of them have to suffice for."""
    covered: set[int] = set()
    needed: list[int] = []
    others: list[int] = []
    for number in numbers.tolist():
        parts = word_parts(number)
        (others if number >= 20 and parts <= covered else needed).append(number)
        covered |= parts
    if len(needed) > size:
        raise ValueError(
            f"cover_parts=True needs {len(needed)} numbers in training, where there are {size}: "
            "raise data_size, or lower validation_fraction and test_fraction"
        )
    return np.array(needed + others, dtype=np.int64)


def _check_room(name: str, size: int, minimum: int, maximum: int) -> None:
    room = max(maximum - minimum + 1, 0)
    if not 1 <= size <= room:
        raise ValueError(f"{name}={size} does not fit: the range {minimum}..{maximum} holds {room} numbers")
