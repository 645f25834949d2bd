"""Intervals of results over seeds, and whether the difference of two configurations is more than chance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, bootstrap, permutation_test, ttest_1samp

CONFIDENCE = 0.95
"""Of every interval."""

ENOUGH_PAIRS = 6
"""Of fewer pairs, no outcome of the sign-flip test has a chance below 5 %: 2 of 2^5 are 6 %."""

ENOUGH_RUNS = 5
"""Of fewer runs, even the interval from the lowest to the highest holds the true median in less than 93 % of cases."""

_RESAMPLES = 9999


def median_interval(values: npt.ArrayLike) -> tuple[float, float]:
    """Return the 95 % interval of the median, by the bootstrap over runs (percentiles of 9999 resamples).

    The resamples are the same each time. Fewer than ENOUGH_RUNS runs have no interval: both ends are NaN.
    """
    runs = np.asarray(values, float)
    if len(runs) < ENOUGH_RUNS or not np.isfinite(runs).all():
        return (np.nan, np.nan)
    drawn = bootstrap((runs,), np.median, confidence_level=CONFIDENCE, method="percentile", rng=0)
    return (float(drawn.confidence_interval.low), float(drawn.confidence_interval.high))


def share_interval(successes: int, runs: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of runs (E. B. Wilson, 1927)."""
    interval = binomtest(successes, runs).proportion_ci(CONFIDENCE, method="wilson")
    return (float(interval.low), float(interval.high))


@dataclass(frozen=True)
class PairedDifference:
    """The difference of two configurations over common seeds.

    Attributes:
        pairs: the number of seeds.
        mean: of the differences.
        low: of the 95 % interval of the mean (Student's t); NaN for a single pair, or if all differ by the same.
        high: of the interval.
        p: the chance of a mean difference as large as this one if the two did not differ, by flipping the signs of the
            differences (all ways if there are at most 13 pairs, else 9999 of them).
    """

    pairs: int
    mean: float
    low: float
    high: float
    p: float

    @property
    def is_told(self) -> bool:
        """Whether the seeds tell a difference: it would be chance in less than 5 % of cases."""
        return self.p < 1 - CONFIDENCE


def paired_difference(differences: npt.ArrayLike) -> PairedDifference:
    """Summarize the differences of pairs, at least one; all are finite."""
    values = np.asarray(differences, float)
    mean = float(values.mean())
    if len(values) < 2:
        return PairedDifference(1, mean, np.nan, np.nan, 1.0)
    if not values.any():
        return PairedDifference(len(values), 0.0, 0.0, 0.0, 1.0)
    low, high = np.nan, np.nan
    if not np.allclose(values, mean):
        interval = ttest_1samp(values, 0).confidence_interval(CONFIDENCE)
        low, high = float(interval.low), float(interval.high)
    flipped = permutation_test((values,), np.mean, permutation_type="samples", n_resamples=_RESAMPLES, rng=0)
    return PairedDifference(len(values), mean, low, high, float(flipped.pvalue))
