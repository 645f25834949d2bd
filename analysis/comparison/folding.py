"""Folds runs over their seeds: one row for each configuration."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.measures import direction, is_lower_better, result_metrics, success_metric
from analysis.rows import parents_of
from analysis.statistics import median_interval, share_interval
from analysis.values import order, value_as_given


def fold(
    runs: pd.DataFrame,
    by: Sequence[str],
    metric: str,
    *,
    success: float = 0.99,
    first_steps: pd.Series | None = None,
) -> pd.DataFrame:
    """Fold runs over all that differs but the entries in `by`: the seeds. Of runs with the same seed, the last counts.

    Args:
        runs: a table of ended runs, see analysis.tables.
        by: the config entries of a group, in the order of the table.
        metric: what is folded, such as test/accuracy; runs without it are left out.
        success: a run is a success from this accuracy, or share of exact answers, on.
        first_steps: of each run, see analysis.comparison.folding.first_steps.

    Returns:
        One row for each group, in the order of the values: `runs`; `validation`, the median of the measure that chose
        the checkpoints; `mean`, `sd`, `median`, `low` and `high` of its 95 % interval, and `worst` of the metric;
        `exact`, the median share of exact answers; `successes`, `success_low` and `success_high`; `first_step`, the
        median over the `reached` runs; and `cpu_seconds`, the median.
    """
    named = {entry: runs[entry].map(value_as_given) for entry in by}
    measured = runs.assign(**named)[runs[metric].notna()]
    keys = by[0] if len(by) == 1 else list(by)
    groups = sorted(measured.groupby(keys, sort=False), key=lambda group: order(group[0]))
    rows = {key: _fold_group(distinct_seeds(group), metric, success, first_steps) for key, group in groups}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(keys)


def first_steps(experiments: Collection[Any], metric: str, bound: float) -> pd.Series:
    """Return the first step at which a metric of each run was at the bound or better; NaN if it never was.

    The points of a run that it resumes count as its own, if that one is among the runs.
    """
    own: dict[Any, float] = {}
    for experiment in experiments:
        curve = experiment.metrics.get(metric, pd.Series(dtype=float))
        values = pd.to_numeric(curve, errors="coerce")
        passed = curve.index[values <= bound if is_lower_better(metric) else values >= bound]
        own[experiment.id] = float(passed[0]) if len(passed) else np.nan
    parents = parents_of(experiments)
    steps = dict(own)
    for run in steps:
        before, seen = parents.get(run), {run}
        while before is not None and before not in seen:
            steps[run] = float(np.fmin(steps[run], own[before]))
            seen.add(before)
            before = parents.get(before)
    return pd.Series(steps, dtype=float)


def with_failures(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the completed runs, and the diverged ones of their tasks with the worst values.

    A diverged run has an infinite error and loss, accuracy 0 and no exact answer, on the test, the validation and, if
    its config has one, the extrapolation.
    """
    kept = runs[runs["status"].isin(["COMPLETED", "DIVERGED"])].copy()
    if "task" not in kept or not (kept["status"] == "DIVERGED").any():
        return kept
    for result in result_metrics(kept):
        failed = (kept["status"] == "DIVERGED") & kept["task"].isin(kept.loc[kept[result].notna(), "task"])
        kept.loc[failed, "best_validation"] = np.inf if is_lower_better(result) else 0.0
        for metric in _measured_with(kept, result):
            tested = failed
            if metric.startswith("extrapolation/") and "extrapolation_max" in kept:
                tested = failed & kept["extrapolation_max"].notna()
            kept.loc[tested, metric] = np.inf if is_lower_better(metric) else 0.0
    return kept


def distinct_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the last run of each seed; runs without a seed are all kept."""
    if "seed" not in runs:
        return runs
    repeated = runs["seed"].notna() & runs["seed"].map(str).duplicated(keep="last")
    return runs[~repeated]


def mixed_remarks(runs: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Say in which way runs that are folded together differ besides their seeds, or have the same one."""
    groups = [group for _, group in runs.groupby([runs[entry].map(str) for entry in by])] if by else [runs]
    remarks = []
    for column, what in (("code", "code"), ("name", "experiment names")):
        if column in runs and any(group[column].nunique() > 1 for group in groups):
            remarks.append(f"runs of one group differ in their {what}: {', '.join(sorted(set(runs[column])))}")
    if any(len(distinct_seeds(group)) < len(group) for group in groups):
        remarks.append("of runs with the same config and seed, the last counts")
    return remarks


def _measured_with(runs: pd.DataFrame, result: str) -> list[str]:
    """List the metrics of test and extrapolation of the runs that have a result."""
    measured = runs[runs[result].notna()]
    return [
        name
        for name in runs.columns
        if str(name).startswith(("test/", "extrapolation/")) and measured[name].notna().any()
    ]


def _fold_group(
    group: pd.DataFrame, metric: str, success: float, first_steps: pd.Series | None
) -> dict[str, float | int]:
    values = group[metric].to_numpy(float)
    low, high = median_interval(values)
    decisive = success_metric(metric) if success_metric(metric) in group else metric
    counts = direction(decisive) == "higher"  # a share, of which more is better
    successes = int((group[decisive] >= success).sum()) if counts else 0
    success_low, success_high = share_interval(successes, len(group)) if counts else (np.nan, np.nan)
    reached = first_steps.reindex(group.index).dropna() if first_steps is not None else pd.Series(dtype=float)
    return {
        "runs": len(group),
        "validation": group["best_validation"].median(),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 and np.isfinite(values).all() else np.nan,
        "median": float(np.median(values)),
        "low": low,
        "high": high,
        "worst": values.max() if is_lower_better(metric) else values.min(),
        "exact": group[decisive].median() if counts else np.nan,
        "successes": successes if counts else np.nan,
        "success_low": success_low,
        "success_high": success_high,
        "first_step": reached.median(),
        "reached": len(reached),
        "cpu_seconds": group["cpu_seconds"].median(),
    }
