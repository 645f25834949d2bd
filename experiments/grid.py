"""Reads what a sweep varies: lists, ranges and draws of config entries.

    hidden=16,32,64                       a list
    seed=0..4     hidden=16..64..16       a range, both ends included; with a step
    learning_rate~loguniform(1e-4,1e-1)   a draw, likewise ~uniform(a,b) and ~choice(a,b,c)

A sweep has every combination of lists and ranges. Draws are made for each of them, the same for all, so that they can
be compared.
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sacred.arg_parser import get_config_updates

from experiments.settings import ENTRIES, RefusedError

Values = Mapping[str, Any]

_RANGE = re.compile(r"(-?\d{1,19})\.\.(-?\d{1,19})(?:\.\.(\d{1,19}))?")
_DRAW = re.compile(r"(\w+)~(\w+)\((.*)\)")
_MOST = 100_000  # values of an entry, and runs of a sweep
_DIGITS = 4  # of a number that is drawn, so that it can be read and typed


@dataclass(frozen=True)
class Draw:
    """Values that are drawn.

    Attributes:
        value: from a number of [0, 1) to a value.
    """

    value: Callable[[float], Any]


@dataclass(frozen=True)
class Grid:
    """What varies.

    Attributes:
        lists: the values of each entry that has several, or one.
        draws: of the entries that are drawn.
        named_configs: of every run.
    """

    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    draws: Mapping[str, Draw] = field(default_factory=dict)
    named_configs: Sequence[str] = ()

    @property
    def varied(self) -> list[str]:
        """The entries that differ between runs."""
        return [name for name, values in self.lists.items() if len(values) > 1] + list(self.draws)

    def points(self, draws: int, seed: int) -> Iterator[Values]:
        """Give the config entries of each run, the last list varying fastest.

        Args:
            draws: how many of each combination, the same for all of them.
            seed: fixes what is drawn; more draws of a seed are the same and more.

        Raises:
            RefusedError: when there are too many.
        """
        runs = math.prod(map(len, self.lists.values())) * (draws if self.draws else 1)
        if runs > _MOST:
            raise RefusedError(f"a sweep of {runs} runs is more than {_MOST}")
        drawn = {name: self._drawn(name, draws, seed) for name in self.draws}
        for chosen in itertools.product(*self.lists.values()):
            for place in range(draws if self.draws else 1):
                yield dict(zip(self.lists, chosen, strict=True)) | {name: drawn[name][place] for name in drawn}

    def _drawn(self, name: str, draws: int, seed: int) -> list[Any]:
        uniform = np.random.default_rng([seed, *name.encode()]).random(draws)
        return [self.draws[name].value(float(number)) for number in uniform]


def read_grid(words: Sequence[str]) -> Grid:
    """Read what stands on the command line: NAME=VALUES, NAME~DRAW, and named configs.

    Raises:
        RefusedError: names what cannot be read, and what is allowed.
    """
    lists: dict[str, Sequence[Any]] = {}
    draws: dict[str, Draw] = {}
    named_configs = []
    for word in words:
        name, equals, text = word.partition("=")
        if equals and text.startswith(tuple(f"{kind}(" for kind in _DRAWS)):
            raise RefusedError(f"{word} is no list: a draw is written {name}~{text}, in quotes for the shell")
        if name.isidentifier() and equals:
            lists[name] = _read_list(name, text)
        elif "~" in word:
            name, draw = _read_draw(word)
            draws[name] = draw
        else:
            named_configs.append(word)
    twice = lists.keys() & draws.keys()
    if twice or len(lists) + len(draws) + len(named_configs) < len(words):
        name = min(twice) if twice else next(n for n in lists | draws if _count(n, words) > 1)
        raise RefusedError(f"{name} is given twice: write one list, such as {name}=1,2,3")
    return Grid(lists, draws, named_configs)


def _count(name: str, words: Sequence[str]) -> int:
    return sum(word.startswith((f"{name}=", f"{name}~")) for word in words)


def _read_list(name: str, text: str) -> list[Any]:
    values: list[Any] = []
    for item in _items(text):
        values += _read_range(name, item) if ".." in item else [_read_value(name, item)]
    if not values:
        raise RefusedError(f"{name}= has no value")
    return list({repr(value): value for value in values}.values())


def _items(text: str) -> list[str]:
    items = [item.strip() for item in text.split(",")]
    if items == [""]:
        return []
    if "" in items:
        raise RefusedError(f"{text} has a comma with no value beside it")
    return items


def _read_range(name: str, item: str) -> list[int]:
    span = _RANGE.fullmatch(item)
    if span is not None:
        first, last, step = int(span[1]), int(span[2]), int(span[3] or 1)
        if first <= last and step >= 1 and (last - first) // step < _MOST:
            return list(range(first, last + 1, step))
    raise RefusedError(
        f"{name}={item} is no range: it is FIRST..LAST or FIRST..LAST..STEP, whole numbers, upwards, of {_MOST}"
        " values at most"
    )


def _read_value(name: str, item: str) -> Any:
    """Read a value as Sacred does."""
    try:
        return get_config_updates([f"{name}={item}"])[0][name]
    except Exception as error:  # whatever a literal of Python may raise
        raise RefusedError(f"{name}={item} cannot be read: {error}") from error


def _read_draw(word: str) -> tuple[str, Draw]:
    read = _DRAW.fullmatch(word)
    if read is None or read[2] not in _DRAWS:
        choices = ", ".join(_DRAWS.values())
        raise RefusedError(f"{word} is no draw: it is NAME~ and one of {choices}, in quotes for the shell")
    name, kind, values = read[1], read[2], [_read_value(read[1], item) for item in _items(read[3])]
    if kind == "choice":
        if not values:
            raise RefusedError(f"{word} has nothing to choose from")
        return name, Draw(lambda number: values[int(number * len(values))])
    if len(values) != 2 or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise RefusedError(f"{word} needs two numbers, the least and the most")
    least, most = values
    for bound in values:
        if name in ENTRIES and not ENTRIES[name].allows(ENTRIES[name].kind(bound) if bound == bound // 1 else bound):
            raise RefusedError(f"{word}: {name}={bound} is not {ENTRIES[name].allowed()}")
    if not least < most or (kind == "loguniform" and least <= 0):
        raise RefusedError(f"{word} needs two numbers, the smaller first{', above 0' * (kind == 'loguniform')}")
    whole = name in ENTRIES and ENTRIES[name].kind is int
    return name, Draw(_between(least, most, logarithmic=kind == "loguniform", whole=whole))


_DRAWS = {"uniform": "uniform(a,b)", "loguniform": "loguniform(a,b)", "choice": "choice(a,b,c)"}


def _between(least: float, most: float, *, logarithmic: bool, whole: bool) -> Callable[[float], float]:
    """Make a draw between two bounds, of whole numbers both included."""

    def value(number: float) -> float:
        low, high = (least, most + 1) if whole else (least, most)
        drawn = low * (high / low) ** number if logarithmic else low + (high - low) * number
        drawn = int(drawn) if whole else float(f"{drawn:.{_DIGITS}g}")
        return min(max(drawn, least), most)

    return value
