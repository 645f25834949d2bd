"""Aim, read with its queries after its index is made, as `aim up` does."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.trackers.inside.work import Work

READER = ("aim", "pandas")


def record(work: Work) -> None:
    """Write a run into .aim/."""
    from aim import Run

    run = Run()
    run["hparams"] = {"seed": 1, "hidden": 64}

    def log(step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            run.track(value, name=name, step=step)

    work(log)
    run.close()


def make_runs(runs: int, work: Work) -> None:
    """Write runs, and index them."""
    for _ in range(runs):
        record(work)
    _index()


def count() -> int:
    """Count the points of all runs."""
    _index()
    return sum(_points(metric) for metric in _query("metric.name.startswith('train/')"))


def table() -> int:
    """Read the last values of all metrics."""
    import aim
    import pandas as pd

    rows = pd.DataFrame(
        [{metric.name: metric.values.last()[1] for metric in run.metrics()} for run in aim.Repo(".").iter_runs()]
    )
    return len(rows) * sum(column.startswith("metric/") for column in rows.columns)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    return sum(_points(metric) for metric in _query(f"metric.name == {name!r}"))


def _query(query: str) -> Any:
    import aim

    metrics = aim.Repo(".").query_metrics(query, report_mode=aim.sdk.types.QueryReportMode.DISABLED)
    return metrics.iter()


def _points(metric: Any) -> int:
    steps, _ = metric.values.sparse_numpy()
    return len(steps)


def _index() -> None:
    command = [str(Path(sys.executable).with_name("aim")), "storage", "--repo", ".", "reindex"]
    subprocess.run(command, input=b"y\n", check=True, capture_output=True)
