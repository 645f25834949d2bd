import math

import numpy as np
import pytest

from analysis.statistics import median_interval, paired_difference, share_interval


def test_the_interval_of_a_median_is_the_same_each_time_and_holds_the_median():
    values = np.random.default_rng(0).normal(size=20)
    low, high = median_interval(values)

    assert (low, high) == median_interval(values)
    assert values.min() <= low < np.median(values) < high <= values.max()


def test_the_interval_of_a_median_covers_the_true_median_of_most_samples():
    samples = np.random.default_rng(0).exponential(size=(100, 20))
    intervals = [median_interval(values) for values in samples]

    assert sum(low <= math.log(2) <= high for low, high in intervals) >= 88


@pytest.mark.parametrize("values", [[0.5], [0.1, 0.2, 0.3, 0.4], [0.5] * 5 + [math.nan], [0.5] * 5 + [math.inf]])
def test_few_runs_or_a_value_that_is_not_finite_have_no_interval(values):
    assert all(map(math.isnan, median_interval(values)))


def test_the_interval_of_a_share_is_wilsons():
    """20 of 20: 20 / (20 + 1.96^2)."""
    assert share_interval(20, 20) == pytest.approx((20 / (20 + 1.959964**2), 1))


def test_a_difference_that_all_pairs_share_is_told_from_six_pairs_on():
    assert paired_difference([1, 2, 3, 2, 1, 2]).p == pytest.approx(2 / 2**6)
    assert paired_difference([1, 2, 3, 2, 1, 2]).is_told
    assert not paired_difference([1, 2, 3, 2, 1]).is_told


def test_the_interval_of_a_difference_is_students():
    """Of 1, 2, 3: 2 with 4.3027 standard errors of 1 / sqrt(3)."""
    difference = paired_difference([1, 2, 3])

    assert (difference.mean, difference.pairs) == (2, 3)
    assert (difference.low, difference.high) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-4)


def test_a_difference_of_chance_is_told_in_five_of_a_hundred_cases():
    samples = np.random.default_rng(0).normal(size=(200, 8))

    assert sum(paired_difference(sample).is_told for sample in samples) <= 20


def test_equal_pairs_and_a_single_pair_tell_no_difference():
    assert paired_difference([0, 0, 0, 0, 0, 0, 0]).p == 1
    assert paired_difference([5]).p == 1
    assert math.isnan(paired_difference([5]).low)
    assert math.isnan(paired_difference([2, 2]).low)
