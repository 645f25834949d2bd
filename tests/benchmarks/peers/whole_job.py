"""The job of a peer in `tests.benchmarks.whole_run`: its config, its words and its last line.

It does not import Sacred or the laboratory, so that a peer does not pay for what it does not use.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.data.split_plan import SplitPlan
from core.data.splits import Split, draw_splits
from experiments.pipeline.costs import Phases

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Examples:
    """The examples of one split.

    Attributes:
        characters: the ids of each word's characters, from 1, in the order of reading.
        even: 1 for a word of an even number, 0 for an odd one.
    """

    characters: list[list[int]]
    even: list[int]


def read_config() -> Config:
    """Read the config on the command line, JSON with the entries of experiments/parity.py."""
    config: Config = json.loads(sys.argv[1])
    return config


def draw_examples(config: Config) -> tuple[Mapping[str, Examples], int]:
    """Draw the words of a run.

    Returns:
        The splits `train`, `validation` and `test`, and the number of character ids, padding included.
    """
    plan = SplitPlan(**{field.name: config[field.name] for field in fields(SplitPlan)})
    splits = draw_splits(plan, seed=config["seed"])
    letters = sorted({letter for split in splits.values() for word in split.words for letter in word})
    ids = {letter: place + 1 for place, letter in enumerate(letters)}
    step = -1 if config["direction"] == "backwards" else 1
    return {name: _encode(split, ids, step) for name, split in splits.items()}, len(ids) + 1


def report(phases: Phases, *, accuracy: float, steps: int) -> None:
    """Print the figures of a run, its last line."""
    phases.enter(None)
    print(json.dumps({"seconds": phases.seconds, "accuracy": accuracy, "steps": steps}))


def _encode(split: Split, ids: Mapping[str, int], step: int) -> Examples:
    characters = [[ids[letter] for letter in word[::step]] for word in split.words]
    return Examples(characters, (1 - split.numbers % 2).tolist())
