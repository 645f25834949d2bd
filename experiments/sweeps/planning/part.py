"""Divides a sweep into parts that several processes run, as the tasks of an array job do."""

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from experiments.sweeps.planning.grid import MAXIMUM, Values

_PART = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@dataclass(frozen=True)
class Part:
    """One of the parts of a sweep.

    Attributes:
        index: from 0, as the ids of an array job.
        count: how many parts there are.
    """

    index: int = 0
    count: int = 1

    @property
    def is_whole(self) -> bool:
        """Whether it is the only part."""
        return self.count == 1

    def __str__(self) -> str:
        return f"part {self.index}/{self.count}"

    def select(self, points: Iterable[Values]) -> Iterator[Values]:
        """Yield every count-th point, from the index on; points with equal values count as one and stay together.

        It does not depend on which runs are recorded, so each point belongs to the same part at any time.
        """
        places: dict[Hashable, int] = {}
        for values in points:
            place = places.setdefault(_key(values), len(places))
            if place % self.count == self.index:
                yield values


def read_part(text: str) -> Part:
    """Read INDEX/COUNT.

    Raises:
        ValueError: if it is none; the message says what is allowed.
    """
    read = _PART.fullmatch(text)
    index, count = (int(read[1]), int(read[2])) if read else (0, 0)
    if not index < count <= MAXIMUM:
        raise ValueError(f"{text} is not a part: write I/N, part I of N, with I from 0 to N-1 and N up to {MAXIMUM}")
    return Part(index, count)


def _key(values: Values) -> Hashable:
    """Return what is equal for equal values, such as 1 and 1.0, which give the same config."""
    return tuple((name, _hashable(value)) for name, value in values.items())


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, str | int | float) else repr(value)
