"""A Sacred experiment that logs two points, and what is recorded of them."""

from typing import Any

import numpy as np
from sacred import Experiment

from observers.directory.journal_reader import read_points

LOGGED = [("loss", 10, 0.5), ("loss", 20, 0.25)]


def make_experiment(name: str = "small", body: Any = None) -> Any:
    """Make an experiment that logs LOGGED, prints, and then calls a function with the run."""
    made = Experiment(name, base_dir="/", save_git_info=False)

    @made.main
    def main(_run):
        _run.log_scalar("loss", 0.5, 10)
        made.log_scalar("loss", np.float32(0.25), 20)
        print("measured")
        if body is not None:
            body(_run)
        return 0.75

    return made


def points(directory):
    return [(point.name, point.step, point.value) for point in read_points(directory / "metrics.jsonl")]
