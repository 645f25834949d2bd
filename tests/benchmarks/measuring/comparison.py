"""Compares the figures of this project with those of a peer, pair by pair."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Comparison:
    """The figures of pairs of processes.

    Attributes:
        ours: figures by name of this project, one mapping for each pair.
        theirs: those of the peer.
    """

    ours: Sequence[Figures]
    theirs: Sequence[Figures]

    def medians(self, name: str) -> tuple[float, float]:
        """Return the median of a figure, ours and theirs."""
        ours, theirs = (statistics.median(figures[name] for figures in side) for side in (self.ours, self.theirs))
        return ours, theirs

    def ratios(self, name: str) -> list[float]:
        """Return ours divided by theirs for each pair."""
        return [our[name] / their[name] for our, their in zip(self.ours, self.theirs, strict=True)]

    def reversed(self) -> "Comparison":
        """Return the comparison of the peer with this project."""
        return Comparison(self.theirs, self.ours)


def with_range(values: Sequence[float], form: str = ".2f") -> str:
    """Format the median of values and their range."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"
