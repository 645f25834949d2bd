"""Chooses the numbers whose words a network is asked: a split of its run, or any range."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from core.data.draw import Integers
from core.data.split_plan import SplitPlan
from core.data.splits import Split, Words, draw_splits
from experiments.commands.trained_run import TrainedRun
from experiments.pipeline.config import ENTRIES, complete, from_config
from experiments.pipeline.errors import UserError

MOST_NUMBERS = 100_000
"""How many numbers may be asked for, but for a split, which may have any number of them."""

_LONGEST_NAME = 60  # characters of the name of a file
_RANGE = re.compile(r"([0-9]{1,18})(?:\.\.([0-9]{1,18}))?")


@dataclass(frozen=True)
class Selection:
    """The numbers that a network is asked.

    Attributes:
        name: of a split, or the numbers as they were asked for.
        split: their words.
        splits: all splits of the run, as its config draws them.
    """

    name: str
    split: Split
    splits: Mapping[str, Split]

    @property
    def file_name(self) -> str:
        """A file name for the selection, without ending. A digest stands for a long list."""
        name = self.name.replace(",", "_")
        if len(name) <= _LONGEST_NAME:
            return name
        return f"{name[:_LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"

    @property
    def summary(self) -> str:
        """One line that says how many numbers there are, and how many of them training has seen."""
        numbers = self.split.numbers
        count = "1 number" if len(numbers) == 1 else f"{len(numbers)} numbers"
        if self.name in self.splits:
            return f"{self.name}: {count} from {numbers.min()} to {numbers.max()}"
        learned = int(np.isin(numbers, self.splits["train"].numbers).sum())
        return f"{self.name}: {count}, {learned} of them in training"


def select(trained_run: TrainedRun, numbers: object) -> Selection:
    """Choose the numbers of an argument.

    Args:
        trained_run: the run whose splits are drawn again.
        numbers: the name of a split, a number, a range FIRST..LAST, or several of these separated by commas.

    Raises:
        UserError: if the splits of the run cannot be drawn, or the argument names no numbers, or too many.
    """
    splits = _draw_splits(trained_run)
    # Sacred reads numbers=1,2 as a list
    parts = numbers if isinstance(numbers, list | tuple) else str(numbers).split(",")
    texts = [re.sub(r"\s", "", str(part)) for part in parts]
    name = ",".join(texts)
    if name in splits:
        return Selection(name, splits[name], splits)
    chosen = _read_numbers(texts, f"numbers={name}", list(splits))
    try:
        words = tuple(Words(chosen, trained_run.config["language"]))
    except ValueError as error:
        raise UserError(f"numbers={name}: {error}") from error
    return Selection(name, Split(chosen, words), splits)


def _draw_splits(trained_run: TrainedRun) -> Mapping[str, Split]:
    config, path = complete(trained_run.config), trained_run.directory / "config.json"
    for name in ("seed", *(field.name for field in fields(SplitPlan))):
        if name not in config or not ENTRIES[name].allows(config[name]):
            raise UserError(f"{name}={config.get(name)!r} in {path} is not {ENTRIES[name].allowed()}")
    try:
        return draw_splits(from_config(SplitPlan, config), seed=config["seed"])
    except ValueError as error:
        raise UserError(f"{path}: {error}") from error


def _read_numbers(texts: list[str], argument: str, splits: list[str]) -> Integers:
    """Read numbers and ranges; each number is once in the result, in ascending order."""
    ranges = []
    for text in texts:
        match = _RANGE.fullmatch(text)
        if match is None:
            raise UserError(
                f"{argument} is not a range such as 0..999, a list such as 7,30..39, or one of {', '.join(splits)}"
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise UserError(f"{argument}: the range {first}..{last} is empty")
        ranges.append((first, last))
    count = sum(last - first + 1 for first, last in ranges)
    if count > MOST_NUMBERS:
        raise UserError(f"{argument} has {count} numbers: at most {MOST_NUMBERS} are allowed")
    return np.unique(np.concatenate([np.arange(first, last + 1, dtype=np.int64) for first, last in ranges]))
