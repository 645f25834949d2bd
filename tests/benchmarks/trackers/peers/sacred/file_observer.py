"""Sacred's FileStorageObserver, read with incense."""

from pathlib import Path
from typing import Any

from tests.benchmarks.trackers.inside.work import Work

READER = ("incense", "incense.query_set", "pandas")
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
    return sum(len(metric) for run in _find_all() for metric in run.metrics.values())


def table() -> int:
    """Read the last values of all metrics."""
    return read_table(_find_all())


def read_table(runs: Any) -> int:
    """Make a table of the last values that runs of incense have."""

    def last(metric: Any) -> float:
        value: float = metric.iloc[-1]
        return value

    names = sorted({name for run in runs for name in run.metrics})
    rows = runs.project(on=["config.hidden", *({("metrics", name): last} for name in names)])
    return len(names) * len(rows)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    return sum(len(run.metrics[name]) for run in _find_all())


def _find_all() -> Any:
    from incense.experiment_loader import FileSystemExperimentLoader
    from incense.query_set import QuerySet

    loader = FileSystemExperimentLoader(_RUNS)
    return QuerySet([loader.find_by_id(int(path.name)) for path in _RUNS.iterdir() if path.name.isdigit()])
