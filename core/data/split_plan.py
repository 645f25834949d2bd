"""Plans the splits of an experiment: how many numbers each gets, and from which range.

A split is an interval of the index of a draw (core.data.draw). Train, validation and test follow each other in the
draw from min_number..max_number; extrapolation is the beginning of another draw, from max_number+1..extrapolation_max.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

WITHIN, BEYOND = 0, 1
"""The streams of the two draws: within the range of training, and beyond it."""


@dataclass(frozen=True)
class Interval:
    """The source of a split's numbers: the indices start..stop-1 of the draw from minimum..maximum."""

    minimum: int
    maximum: int
    stream: int
    start: int
    stop: int


@dataclass(frozen=True)
class SplitPlan:
    """What the splits are, before any number is drawn.

    Attributes:
        language: of the number words, as in core.data.numerals.number_word.
        min_number: smallest number that may be drawn.
        max_number: largest number that may be drawn, inclusive.
        data_size: distinct numbers in train, validation and test together.
        validation_fraction: share of them that chooses the checkpoint, rounded to whole numbers.
        test_fraction: share of them that measures it, rounded likewise.
        cover_parts: whether training must have every number below 20 and every part of the words.
        extrapolation_max: if given, further numbers come from max_number+1..extrapolation_max.
        extrapolation_size: how many.

    Raises:
        ValueError: when a range is too small for its numbers, or a split has no number.
    """

    language: str
    min_number: int
    max_number: int
    data_size: int
    validation_fraction: float
    test_fraction: float
    cover_parts: bool
    extrapolation_max: int | None
    extrapolation_size: int

    def __post_init__(self) -> None:
        _ = self.intervals  # planning checks every number

    @cached_property
    def intervals(self) -> Mapping[str, Interval]:
        """The intervals of `train`, `validation`, `test` and, if asked for, `extrapolation`."""
        _check_room("data_size", self.data_size, self.min_number, self.max_number)
        intervals, start = {}, 0
        for name, size in self._sizes().items():
            if size < 1:
                raise ValueError(
                    f"data_size={self.data_size} with validation_fraction={self.validation_fraction} and "
                    f"test_fraction={self.test_fraction} leaves no number for {name}: each split needs at least one"
                )
            intervals[name] = Interval(self.min_number, self.max_number, WITHIN, start, start + size)
            start += size
        if self.extrapolation_max is not None:
            intervals["extrapolation"] = self._extrapolation(self.extrapolation_max)
        return intervals

    def _sizes(self) -> dict[str, int]:
        validation = round(self.data_size * self.validation_fraction)
        test = round(self.data_size * self.test_fraction)
        return {"train": self.data_size - validation - test, "validation": validation, "test": test}

    def _extrapolation(self, maximum: int) -> Interval:
        if maximum <= self.max_number:
            raise ValueError(f"extrapolation_max={maximum} is not larger than max_number={self.max_number}")
        _check_room("extrapolation_size", self.extrapolation_size, self.max_number + 1, maximum)
        return Interval(self.max_number + 1, maximum, BEYOND, 0, self.extrapolation_size)


def _check_room(name: str, size: int, minimum: int, maximum: int) -> None:
    room = max(maximum - minimum + 1, 0)
    if not 1 <= size <= room:
        raise ValueError(f"{name}={size} does not fit: the range {minimum}..{maximum} holds {room} numbers")
