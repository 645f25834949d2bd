"""The first batches have small numbers, and are a function of seed and step."""

import numpy as np

from core.data.curriculum import begin_small

NUMBERS = np.random.default_rng(0).permutation(1000)


def small(numbers=NUMBERS, batch_size=16, seed=0, steps=100):
    return begin_small(lambda step: np.array([-step]), numbers, batch_size=batch_size, seed=seed, steps=steps)


def test_the_largest_number_grows_from_19_to_the_largest_of_all():
    """log10(n + 1) <= 1.31 + 1.69 / 2 = 2.155 after half of the steps: up to 141."""
    batch = small(batch_size=1000)

    assert NUMBERS[batch(0)].max() == 19
    assert NUMBERS[batch(50)].max() == 141
    assert NUMBERS[batch(99)].max() >= 950


def test_the_batches_of_training_follow():
    assert [small()(step).tolist() for step in (100, 101, 250)] == [[0], [-1], [-150]]


def test_an_example_is_not_repeated_where_there_are_enough():
    assert all(len(np.unique(small()(step))) == 16 for step in range(100))
    assert len(small(batch_size=64)(0)) == 64
    assert len(np.unique(small(batch_size=64)(0))) <= 20


def test_batches_depend_on_seed_and_step_alone():
    assert small()(7).tolist() == small()(7).tolist()
    assert small()(7).tolist() != small(seed=1)(7).tolist()
    assert small()(7).tolist() != small()(8).tolist()


def test_a_range_without_small_numbers_begins_with_its_smallest():
    numbers = np.arange(500, 1000)

    assert numbers[small(numbers)(0)].max() < 520


def test_a_few_examples_are_enough():
    assert set(small(np.array([700, 3]))(0).tolist()) <= {0, 1}
