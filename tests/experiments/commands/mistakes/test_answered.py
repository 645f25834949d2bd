"""The answers of a network beside the right ones."""

import numpy as np

from tests.experiments.commands.mistakes.answers import answered


def test_the_most_confident_miss_of_a_class_comes_first():
    asked = answered("parity", [1, 2, 3, 4], [1, 0, 0, 0], [0.7, 0.05, 0.1, 0.4])

    assert asked.labels.tolist() == [0, 1, 0, 1]
    assert asked.right.tolist() == [False, False, True, False]
    assert asked.missed.tolist() == [1, 0, 3]
    assert [asked.name(each) for each in (0, 1, 2)] == ["odd", "even", "2"]


def test_the_largest_error_comes_first_and_what_is_no_number_before_it():
    asked = answered("number", [10, 20, 30, 40], np.array([11.0, 20.4, np.nan, -5.0], np.float32))

    assert asked.right.tolist() == [False, True, False, False]
    assert asked.missed.tolist() == [2, 3, 0]
