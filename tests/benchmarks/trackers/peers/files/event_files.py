"""Event files in runs/: written by a SummaryWriter, and read by TensorBoard's own reader."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.trackers.inside.work import Work
from tests.benchmarks.trackers.peers.files.copies import copy_run

READER = ("tensorboard.backend.event_processing.event_accumulator",)
RUNS = Path("runs")


def write_points(writer: Any, work: Work) -> None:
    """Write a run with a SummaryWriter, PyTorch's or TensorBoardX's."""

    def log(step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            writer.add_scalar(name, value, step)

    work(log)
    writer.close()


def count() -> int:
    """Count the points of all runs."""
    return sum(len(points) for run in _load_all() for points in _scalars(run).values())


def table() -> int:
    """Read the last values of all metrics."""
    values = [points[-1].value for run in _load_all() for points in _scalars(run).values()]
    return sum(math.isfinite(value) for value in values)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    return sum(len(run.Scalars(name)) for run in _load_all())


def copy_runs(runs: int) -> None:
    """Copy the one run that there is."""
    copy_run(next(RUNS.iterdir()), runs)


def _load_all() -> list[Any]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    loaded = [EventAccumulator(str(run), size_guidance={"scalars": 0}) for run in RUNS.iterdir()]
    for run in loaded:
        run.Reload()
    return loaded


def _scalars(run: Any) -> dict[str, Any]:
    return {name: run.Scalars(name) for name in run.Tags()["scalars"]}
