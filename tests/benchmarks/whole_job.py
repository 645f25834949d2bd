"""What a peer of a whole run is given, and what it prints in the end.

It imports no Sacred and nothing of the laboratory: a peer does not pay for what it does not use.
"""

import inspect
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.examples import Split, make_examples, plan_splits
from experiments.phases import Phases

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Examples:
    """The examples of one split.

    Attributes:
        characters: the ids of each word's characters, from 1 on.
        even: 1 for a word whose number is even, 0 for another.
    """

    characters: list[list[int]]
    even: list[int]


def read_config() -> Config:
    """Read the config of the command line, JSON of the entries of experiments/parity.py."""
    config: Config = json.loads(sys.argv[1])
    return config


def draw_examples(config: Config) -> tuple[Mapping[str, Examples], int]:
    """Draw the words of a run: `train`, `validation` and `test`, and how many ids there are, padding included."""
    splits = plan_splits(**{name: config[name] for name in inspect.signature(plan_splits).parameters})
    drawn = make_examples(
        language=config["language"], seed=config["seed"], splits=splits, cover_parts=config["cover_parts"]
    )
    letters = sorted({letter for split in drawn.values() for word in split.words for letter in word})
    ids = {letter: place + 1 for place, letter in enumerate(letters)}
    return {name: _encoded(split, ids) for name, split in drawn.items()}, len(ids) + 1


def report(phases: Phases, *, accuracy: float, steps: int) -> None:
    """Print what a run has come to, its last line."""
    phases.enter(None)
    print(json.dumps({"seconds": phases.seconds, "accuracy": accuracy, "steps": steps}))


def _encoded(split: Split, ids: Mapping[str, int]) -> Examples:
    characters = [[ids[letter] for letter in word] for word in split.words]
    return Examples(characters, (1 - split.numbers % 2).tolist())
