"""Draws of config entries: numbers between two bounds, and choices from a list.

A draw is plain data, so that another program can search where it draws: see `experiments/sweeps/search`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_DIGITS = 4  # significant digits of a drawn number, few enough to type


@dataclass(frozen=True)
class Interval:
    """Draws numbers between two bounds; whole numbers include both bounds.

    Attributes:
        low: the smallest number.
        high: the largest number.
        logarithmic: whether the logarithm is uniformly distributed, and not the number.
        whole: whether the numbers are whole.
    """

    low: float
    high: float
    logarithmic: bool
    whole: bool

    def __call__(self, number: float) -> float:
        """Return the value for a uniform random number in [0, 1)."""
        end = self.high + 1 if self.whole else self.high
        return self.rounded(
            self.low * (end / self.low) ** number if self.logarithmic else self.low + (end - self.low) * number
        )

    def rounded(self, drawn: float) -> float:
        """Return a drawn number with few digits, within the bounds; a whole number is rounded down."""
        number = int(drawn) if self.whole else float(f"{drawn:.{_DIGITS}g}")
        return min(max(number, self.low), self.high)

    def __str__(self) -> str:
        kind = "whole numbers from" if self.whole else "from"
        return f"{kind} {self.low:g} to {self.high:g}{', on a logarithmic scale' * self.logarithmic}"


@dataclass(frozen=True)
class Choice:
    """Chooses from values, each with the same probability.

    Attributes:
        values: at least one.
    """

    values: Sequence[Any]

    def __call__(self, number: float) -> Any:
        """Return the value for a uniform random number in [0, 1)."""
        return self.values[int(number * len(self.values))]

    def __str__(self) -> str:
        return f"one of {', '.join(map(str, self.values))}"


Draw = Interval | Choice
"""Maps a uniform random number in [0, 1) to a value."""

Draws = Mapping[str, Draw]
"""The drawn config entries by name."""
