"""Sacred's FileStorageObserver, read with json, since incense cannot read runs without info."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.trackers.inside.work import Work

READER = ("pandas",)
_RUNS = Path("runs")


def record(work: Work) -> None:
    """Write a run into runs/."""
    from sacred.observers import FileStorageObserver

    run(FileStorageObserver(str(_RUNS)), work)


def run(observer: Any, work: Work) -> None:
    """Run an experiment with an observer of Sacred, as Sacred's quick start does."""
    from sacred import Experiment

    experiment = Experiment("example")
    experiment.observers.append(observer)
    experiment.add_config(seed=1, hidden=64)

    @experiment.main
    def main(_run: Any) -> None:
        def log(step: int, values: Any) -> None:
            for name, value in values.items():
                _run.log_scalar(name, value, step)

        work(log)

    experiment.run()


def count() -> int:
    """Count the points of all runs."""
    return sum(len(metric["values"]) for run in _read_metrics() for metric in run.values())


def table() -> int:
    """Read the last values of all metrics."""
    import pandas as pd

    rows = pd.DataFrame([{name: metric["values"][-1] for name, metric in run.items()} for run in _read_metrics()])
    return int(rows.size)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    import pandas as pd

    return sum(len(pd.Series(run[name]["values"], run[name]["steps"])) for run in _read_metrics())


def _read_metrics() -> Iterator[dict[str, Any]]:
    for path in _RUNS.glob("[0-9]*/metrics.json"):
        yield json.loads(path.read_bytes())
