import math

import numpy as np
import pandas as pd
import pytest

from analysis.statistics import median_interval, share_interval, summarize


def test_the_interval_of_a_median_is_the_same_each_time_and_holds_the_median():
    values = np.random.default_rng(0).normal(size=20)
    low, high = median_interval(values)

    assert (low, high) == median_interval(values)
    assert values.min() <= low < np.median(values) < high <= values.max()


def test_the_interval_of_a_median_covers_the_true_median_of_most_samples():
    samples = np.random.default_rng(0).exponential(size=(100, 20))
    intervals = [median_interval(values) for values in samples]

    assert sum(low <= math.log(2) <= high for low, high in intervals) >= 88


@pytest.mark.parametrize("values", [[0.5], [0.5, math.nan], [0.5, math.inf]])
def test_one_run_or_a_value_that_is_not_finite_has_no_interval(values):
    assert all(map(math.isnan, median_interval(values)))


def test_the_interval_of_a_share_is_wilsons():
    """20 of 20: 20 / (20 + 1.96^2)."""
    assert share_interval(20, 20) == pytest.approx((20 / (20 + 1.959964**2), 1))


def test_runs_are_summarized_over_their_seeds():
    runs = pd.DataFrame(
        {
            "head": ["nalu", "nalu", "places"],
            "seed": [1, 2, 1],
            "error": [3.0, 1.0, 0.5],
            "exact": [0.2, 0.4, 1.0],
            "cpu_seconds": [8.0, 10.0, 4.0],
        }
    )
    summary = summarize(runs, ["head"], "error", lower_is_better=True, exact="exact", enough=0.4)

    assert summary.index.tolist() == ["nalu", "places"]
    assert summary["median"].tolist() == [2, 0.5]
    assert summary["worst"].tolist() == [3, 0.5]
    assert summary["exact"].tolist() == pytest.approx([0.3, 1])
    assert summary["successes"].tolist() == [1, 1]
    assert summary["cpu_seconds"].tolist() == [9, 4]
    assert summarize(runs, ["head"], "error", lower_is_better=False, exact="exact", enough=1)["worst"].tolist() == [
        1,
        0.5,
    ]
