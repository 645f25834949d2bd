"""Trackio, read with its own storage, as its command line does."""

from tests.benchmarks.trackers.inside.work import Work

READER = ("trackio", "pandas")
_PROJECT = "example"


def record(work: Work) -> None:
    """Write a run into the database of Trackio in the home directory."""
    import trackio

    trackio.init(project=_PROJECT, config={"seed": 1, "hidden": 64})
    work(lambda step, values: trackio.log(dict(values), step=step))
    trackio.finish()


def count() -> int:
    """Count the points of all runs."""
    return sum(name.startswith("train/") for run in _logs() for step in run for name in step)


def table() -> int:
    """Read the last values of all metrics."""
    import pandas as pd

    rows = pd.DataFrame([run[-1] for run in _logs()])
    return len(rows) * sum(column.startswith("metric/") for column in rows.columns)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    import trackio

    values = [
        trackio.SQLiteStorage.get_metric_values(_PROJECT, run.name, name, run_id=run.id)
        for run in trackio.Api().runs(_PROJECT)
    ]
    return sum(map(len, values))


def _logs() -> list[list[dict]]:
    import trackio

    runs = trackio.Api().runs(_PROJECT)
    return [trackio.SQLiteStorage.get_logs(_PROJECT, run.name, run_id=run.id) for run in runs]
