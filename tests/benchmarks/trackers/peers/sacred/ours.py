"""This project's observer: a directory alone, read with `analysis`."""

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.trackers.inside.work import Work

READER = ("analysis.loading", "analysis.tables")
_RUNS = "runs"


def record(work: Work) -> None:
    """Write a run into runs/."""
    from observers.directory.observer import RunDirectoryObserver

    run([RunDirectoryObserver(_RUNS, copy_output=True)], work)


def run(observers: Sequence[Any], work: Work) -> None:
    """Run an experiment with these observers, as observers/README.md shows it."""
    from sacred import SETTINGS, Experiment

    from observers.directory.log_scalar import log_points_at_once

    SETTINGS.CAPTURE_MODE = "no"
    experiment = Experiment("example")
    experiment.observers += observers
    experiment.add_config(seed=1, hidden=64)

    @experiment.pre_run_hook
    def write_points_at_once(_run: Any) -> None:
        log_points_at_once(_run)

    @experiment.main
    def main(_run: Any) -> None:
        def log(step: int, values: Any) -> None:
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
