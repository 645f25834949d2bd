"""Lays out runs as tables, one row for each run."""

from collections.abc import Iterable
from typing import Any

import pandas as pd


def table(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out status, result, costs, parent, every config entry, and the last value of every metric.

    Args:
        experiments: incense's, see load_runs.

    Returns:
        One row for each run, by id. The column of a metric has its name, such as `test/accuracy`. The `parent` of a
        run is the directory of the run that it resumes.
    """
    rows = {experiment.id: _row(experiment) for experiment in experiments}
    if not rows:
        return pd.DataFrame(columns=["status", "result", "best_step", "cpu_seconds", "parent", "task"])
    laid_out = pd.DataFrame.from_dict(rows, orient="index").rename_axis("run")
    return laid_out.astype({"best_step": "Int64", "result": float, "cpu_seconds": float})


def overview(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out how runs ended and how they differ: status, result, extrapolation, and the config entries that differ.

    There is a `parent` column if a run has a parent.
    """
    experiments = list(experiments)
    everything = table(experiments)
    parents = ["parent"] if everything["parent"].notna().any() else []
    entries = {name for experiment in experiments for name in experiment.config}
    differing = [name for name in everything if name in entries and everything[name].astype(str).nunique() > 1]
    beyond = [name for name in everything if name.startswith("extrapolation/") and not name.endswith("/loss")]
    return everything[["status", "result", *beyond, "best_step", *differing, *parents]].fillna({"parent": ""})


def _row(experiment: Any) -> dict[str, Any]:
    """Return the columns of a run by name, in the order of the table."""
    return {
        "status": experiment.status,
        "result": getattr(experiment, "result", None),
        "best_step": experiment.info.get("best_step"),
        "cpu_seconds": experiment.info.get("cpu_seconds"),
        "parent": experiment.info.get("parent", {}).get("directory"),
        **dict(sorted(experiment.config.items())),
        **{name: points.iloc[-1] for name, points in sorted(experiment.metrics.items())},
    }
