"""Reads which config entries a sweep varies: lists, ranges and draws.

    hidden=16,32,64                       a list
    seed=0..4     hidden=16..64..16       a range, both ends included; with a step
    learning_rate~loguniform(1e-4,1e-1)   a random draw, also ~uniform(a,b) and ~choice(a,b,c)

A sweep runs every combination of lists and ranges. Each combination gets the same draws, so results are comparable.
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.cli.updates import is_config_path, is_update, read_updates
from experiments.pipeline.config import ENTRIES
from experiments.pipeline.errors import UserError
from experiments.sweeps.planning.draws import Choice, Draw, Interval

Values = Mapping[str, Any]
MAXIMUM = 100_000
"""Values of an entry, and runs of a sweep."""

_RANGE = re.compile(r"(-?\d{1,19})\.\.(-?\d{1,19})(?:\.\.(\d{1,19}))?")
_DRAW = re.compile(r"(\w+)~(\w+)\((.*)\)")
_DRAWS = {"uniform": "uniform(a,b)", "loguniform": "loguniform(a,b)", "choice": "choice(a,b,c)"}


@dataclass(frozen=True)
class Grid:
    """The config entries that a sweep sets.

    Attributes:
        lists: the values of each entry with one or more values.
        draws: the drawn entries.
        named_configs: applied to every run.
    """

    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    draws: Mapping[str, Draw] = field(default_factory=dict)
    named_configs: Sequence[str] = ()

    @property
    def varied(self) -> list[str]:
        """The entries that differ between runs."""
        return [name for name, values in self.lists.items() if len(values) > 1] + list(self.draws)

    def points(self, draws: int, seed: int) -> Iterator[Values]:
        """Yield the config entries of each run; the last list varies fastest.

        Args:
            draws: number of draws for each combination.
            seed: fixes the draws. With the same seed, more draws extend fewer draws.

        Raises:
            UserError: if there are too many runs.
        """
        draws = draws if self.draws else 1
        self.check_size(draws)
        drawn = {name: _draw_values(name, draw, draws, seed) for name, draw in self.draws.items()}
        for combination in self.combinations():
            for index in range(draws):
                yield {**combination, **{name: drawn[name][index] for name in drawn}}

    def check_size(self, draws: int) -> None:
        """Check the number of runs.

        Args:
            draws: number of draws for each combination.

        Raises:
            UserError: if there are too many runs.
        """
        runs = math.prod(map(len, self.lists.values())) * draws
        if runs > MAXIMUM:
            raise UserError(f"this sweep has {runs} runs: at most {MAXIMUM} are allowed")

    def combinations(self) -> Iterator[Values]:
        """Yield every combination of the values in the lists; the last list varies fastest."""
        for combination in itertools.product(*self.lists.values()):
            yield dict(zip(self.lists, combination, strict=True))


def read_grid(words: Sequence[str]) -> Grid:
    """Read the values on the command line: NAME=VALUES, NAME~DRAW and named configs.

    Raises:
        UserError: names the word that is wrong, and what is allowed.
    """
    lists: dict[str, Sequence[Any]] = {}
    draws: dict[str, Draw] = {}
    named_configs = []
    for word in words:
        name, equals, text = word.partition("=")
        if is_config_path(word):
            named_configs.append(word)
        elif equals and text.startswith(tuple(f"{kind}(" for kind in _DRAWS)):
            raise UserError(f'{word} is not a list: write a draw as "{name}~{text}", with the quotes')
        elif is_update(word) and name.isidentifier():
            _add(lists, draws, name, _read_list(name, text))
        elif "~" in word.partition("/")[0]:
            name, draw = _read_draw(word)
            _add(draws, lists, name, draw)
        else:
            named_configs.append(word)
    return Grid(lists, draws, named_configs)


def _add(entries: dict[str, Any], others: Mapping[str, Any], name: str, value: Any) -> None:
    if name in entries or name in others:
        raise UserError(f"{name} is given twice: write one list, e.g. {name}=1,2,3")
    entries[name] = value


def _draw_values(name: str, draw: Draw, count: int, seed: int) -> list[Any]:
    uniform = np.random.default_rng([seed, *name.encode()]).random(count)
    return [draw(float(number)) for number in uniform]


def _read_list(name: str, text: str) -> list[Any]:
    values: list[Any] = []
    for item in _split_items(text):
        values += _read_range(name, item) if ".." in item else [_read_value(name, item)]
    if not values:
        raise UserError(f"{name}= has no value")
    return list({repr(value): value for value in values}.values())


def _split_items(text: str) -> list[str]:
    items = [item.strip() for item in text.split(",")]
    if items == [""]:
        return []
    if "" in items:
        raise UserError(f"{text} has an empty value: remove the extra comma")
    return items


def _read_range(name: str, item: str) -> list[int]:
    span = _RANGE.fullmatch(item)
    if span is not None:
        first, last, step = int(span[1]), int(span[2]), int(span[3] or 1)
        if first <= last and step >= 1 and (last - first) // step < MAXIMUM:
            return list(range(first, last + 1, step))
    raise UserError(
        f"{name}={item} is not a range: write FIRST..LAST or FIRST..LAST..STEP with whole numbers, smaller first,"
        f" at most {MAXIMUM} values"
    )


def _read_value(name: str, item: str) -> Any:
    """Read one value with Sacred's parser."""
    try:
        return read_updates([f"{name}={item}"])[0][name]
    except Exception as error:  # a Python literal may raise any error
        raise UserError(f"cannot read {name}={item}: {error}") from error


def _read_draw(word: str) -> tuple[str, Draw]:
    read = _DRAW.fullmatch(word)
    if read is None or read[2] not in _DRAWS:
        choices = ", ".join(_DRAWS.values())
        raise UserError(f'{word} is not a draw: write "NAME~DRAW" in quotes, with one of {choices}')
    name, kind, values = read[1], read[2], [_read_value(read[1], item) for item in _split_items(read[3])]
    if kind == "choice":
        if not values:
            raise UserError(f"{word} has no values to choose from")
        return name, Choice(tuple(values))
    if len(values) != 2 or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise UserError(f"{word} needs two numbers, the smaller first")
    return name, _read_interval(word, name, *values, logarithmic=kind == "loguniform")


def _read_interval(word: str, name: str, low: float, high: float, *, logarithmic: bool) -> Draw:
    """Check the bounds of a draw against the config entry, and make the draw."""
    entry = ENTRIES.get(name)
    for bound in (low, high):
        if entry is not None and not entry.allows(entry.kind(bound) if bound == bound // 1 else bound):
            raise UserError(f"{word}: {name}={bound} is not {entry.allowed()}")
    if not low < high or (logarithmic and low <= 0):
        raise UserError(f"{word} needs two numbers, the smaller first{', above 0' * logarithmic}")
    return Interval(low, high, logarithmic=logarithmic, whole=entry is not None and entry.kind is int)
