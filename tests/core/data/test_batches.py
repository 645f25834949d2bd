"""Training batches are a function of seed and step, fair to every example, and hold words of similar lengths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.batches import dictionary_order, make_batches

LENGTHS = np.random.default_rng(0).integers(3, 30, 1000)


def copies(lengths, batch_size):
    """How often a pass shows an example: more than once if it would have fewer than eight batches."""
    return -(-8 * batch_size // len(lengths))


def passes(lengths, batch_size, seed=0, count=3):
    """The batches of each of the first passes, [batches, batch]."""
    size = len(lengths) * copies(lengths, batch_size) // batch_size
    batch = make_batches(lengths, batch_size=batch_size, seed=seed)
    return [np.array([batch(place) for place in range(size * each, size * (each + 1))]) for each in range(count)]


@given(st.integers(1, 200), st.integers(1, 70), st.integers(0, 2**31 - 1))
def test_a_pass_shows_every_example_equally_often_except_those_left_over(size, batch_size, seed):
    for shown in passes(LENGTHS[:size], batch_size, seed):
        counts = np.bincount(shown.ravel(), minlength=size)

        assert shown.shape[1] == batch_size
        assert counts.max() <= copies(LENGTHS[:size], batch_size)
        assert counts.sum() > copies(LENGTHS[:size], batch_size) * size - batch_size


def test_the_examples_left_over_are_random_and_not_the_longest():
    left_over = [np.setdiff1d(np.arange(1000), shown) for shown in passes(LENGTHS, 110, count=20)]

    assert {len(places) for places in left_over} == {10}
    assert LENGTHS[np.concatenate(left_over)].mean() == pytest.approx(LENGTHS.mean(), abs=2)


def test_batches_hold_words_of_similar_lengths_and_come_in_random_order():
    [shown] = passes(LENGTHS, 50, count=1)
    spans, means = np.ptp(LENGTHS[shown], axis=1), LENGTHS[shown].mean(axis=1)

    assert np.median(spans) <= np.ptp(LENGTHS) / 4 + 1
    assert not (np.diff(means) >= 0).all()
    assert not (np.diff(means) <= 0).all()


def test_each_pass_and_each_seed_has_another_order():
    first, second, _ = passes(LENGTHS, 50)
    [other] = passes(LENGTHS, 50, seed=1, count=1)

    assert not (first == second).all()
    assert not (first == other).all()


def test_a_batch_does_not_depend_on_earlier_calls():
    batch, again = (make_batches(LENGTHS, batch_size=50, seed=3) for _ in range(2))
    there = [batch(place).tolist() for place in range(60)]
    back = [again(place).tolist() for place in reversed(range(60))]

    assert there == back[::-1]


def test_the_words_of_a_batch_are_sorted_as_in_a_dictionary():
    batches = [["vier", "eins", "vierzig", "ein"], ["zwei", "\u4e03", "\u00e4", "zwei"]]  # ids of one and of two bytes
    characters = np.array([[[ord(letter) for letter in word.ljust(7, "\0")] for word in words] for words in batches])

    order = dictionary_order(characters.astype(np.int32))

    for words, places in zip(batches, order, strict=True):
        assert sorted(places) == [0, 1, 2, 3]
        assert [words[place] for place in places] == sorted(words)
