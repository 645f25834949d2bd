"""A small sweep that has the same bits wherever it runs."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.experiments.place import points

SMALL = ("parity", "fast", "max_steps=20", "evaluate_every=10")
GRID = (*SMALL, "hidden=2,3", "seed=4..6")


def bits(runs: Iterable[Path]) -> dict[tuple[int, int], Any]:
    """The points of each run by its hidden and seed, and the number of runs that have them."""
    found: dict[tuple[int, int], list] = {}
    for run in runs:
        config = json.loads((run / "config.json").read_text())
        found.setdefault((config["hidden"], config["seed"]), []).append(points(run))
    return found
