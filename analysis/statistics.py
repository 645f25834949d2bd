"""Summarizes the runs of a configuration over its seeds: medians, intervals, success rates."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest, bootstrap

_CONFIDENCE = 0.95


def median_interval(values: npt.ArrayLike) -> tuple[float, float]:
    """Return the 95 % interval of the median, by the bootstrap over runs (percentiles of 9999 resamples).

    The resamples are the same each time. A single run has no interval: both ends are NaN.
    """
    runs = np.asarray(values, float)
    if len(runs) < 2 or not np.isfinite(runs).all():
        return (np.nan, np.nan)
    drawn = bootstrap((runs,), np.median, confidence_level=_CONFIDENCE, method="percentile", rng=0)
    return (float(drawn.confidence_interval.low), float(drawn.confidence_interval.high))


def share_interval(successes: int, runs: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of runs (E. B. Wilson, 1927)."""
    interval = binomtest(successes, runs).proportion_ci(_CONFIDENCE, method="wilson")
    return (float(interval.low), float(interval.high))


def summarize(
    runs: pd.DataFrame, by: Sequence[str], measure: str, *, lower_is_better: bool, exact: str, enough: float
) -> pd.DataFrame:
    """Summarize a table of runs over all that differs but the entries in `by`, the seeds.

    Args:
        runs: a table of completed runs, see analysis.tables.
        by: the config entries of a group, in the order of the table.
        measure: the metric whose median, interval and worst run are shown.
        lower_is_better: whether less of it is better.
        exact: the metric that decides whether a run is a success.
        enough: a run is a success from this value of `exact` on.

    Returns:
        One row for each group, in the order of their first runs: `runs`, `median`, `low` and `high` of its interval,
        `worst`, `exact` (the median), `successes`, `success_low`, `success_high`, and `cpu_seconds` (the median).
    """
    rows = {}
    keys = by[0] if len(by) == 1 else list(by)
    named = {entry: runs[entry].map(_name) for entry in by}
    for key, group in runs.assign(**named).groupby(keys, sort=False):
        values = group[measure].to_numpy()
        low, high = median_interval(values)
        successes = int((group[exact] >= enough).sum())
        success_low, success_high = share_interval(successes, len(group))
        rows[key] = {
            "runs": len(group),
            "median": float(np.median(values)),
            "low": low,
            "high": high,
            "worst": values.max() if lower_is_better else values.min(),
            "exact": group[exact].median(),
            "successes": successes,
            "success_low": success_low,
            "success_high": success_high,
            "cpu_seconds": group["cpu_seconds"].median(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(keys)


def _name(value: object) -> object:
    """Return the value of a config entry as it was given: pandas makes 5.0 of 5 in a column with None."""
    if value is None or value != value:
        return "None"
    return int(value) if isinstance(value, float) and value.is_integer() else value
