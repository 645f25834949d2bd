"""This project's observer: a directory alone, read with `analysis`."""

import os
from collections.abc import Mapping
from typing import Any

from tests.benchmarks.trackers.inside.work import Work

READER = ("analysis.loading", "analysis.tables")
_RUNS = "runs"


def record(work: Work) -> None:
    """Write a run into runs/, and into the database that MONGO_URL names, if any."""
    from sacred import Experiment

    from observers import record as record_runs

    experiment = Experiment("example")
    experiment.add_config(seed=1, hidden=64)
    record_runs(experiment, _RUNS, mongo=os.environ.get("MONGO_URL"))

    @experiment.main
    def main(_run: Any) -> None:
        def log(step: int, values: Mapping[str, float]) -> None:
            for name, value in values.items():
                _run.log_scalar(name, value, step)

        work(log)

    experiment.run()


def count() -> int:
    """Count the points of all runs."""
    return count_in(_RUNS)


def count_in(source: str) -> int:
    """Count the points of all runs in a directory or a database."""
    from analysis.loading import load_runs

    return sum(len(metric) for run in load_runs(source) for metric in run.metrics.values())


def table() -> int:
    """Read the last values of all metrics."""
    return read_table(_RUNS)


def read_table(source: str) -> int:
    """Read the table of the runs in a directory or a database."""
    from analysis.loading import load_runs
    from analysis.tables import table

    rows = table(load_runs(source))
    return len(rows) * sum(str(column).startswith("metric/") for column in rows.columns)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    return read_curve(_RUNS, name)


def read_curve(source: str, name: str) -> int:
    """Read one metric of all runs in a directory or a database."""
    from analysis.loading import load_runs

    return sum(len(run.metrics[name]) for run in load_runs(source))
