import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from core.network.states.encoder import encode_words
from core.network.states.windows import make_windows

WORDS = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=6), min_size=1, max_size=8)


def padded(words):
    longest = max(map(len, words))
    return np.array([word + [0] * (longest - len(word)) for word in words], np.int32), np.array(
        [len(word) for word in words], np.int32
    )


@given(WORDS, st.integers(1, 4))
def test_a_window_has_the_last_characters_and_each_window_exists_once(words, memory):
    windows = make_windows(*padded(words), memory=memory)
    rows, paths = [tuple(row) for row in windows.characters.numpy().tolist()], windows.paths.numpy()
    expected = [[tuple(([0] * memory + word[:end])[-memory:]) for end in range(1, len(word) + 1)] for word in words]

    assert [[rows[place] for place in path[: len(word)]] for path, word in zip(paths, words, strict=True)] == expected
    assert sorted(set(rows)) == rows == sorted({window for word in expected for window in word})


def test_an_empty_batch_has_an_empty_window():
    windows = make_windows(np.zeros((0, 3), np.int32), np.zeros(0, np.int32), memory=2)

    assert windows.characters.shape == (1, 2)
    assert windows.paths.shape == (0, 3)


def states(characters, lengths, memory):
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        reading = encode_words(
            tf.constant(characters), tf.constant(lengths), alphabet_size=6, embedding=3, hidden=4, memory=memory
        )
        along = reading.along_words(reading.nodes)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            return session.run([along, reading.last])


def test_a_memory_of_three_characters_forgets_the_fourth():
    (along, last), (other, other_last) = (states([[first, 3, 4, 5]], [4], memory=3) for first in (2, 4))

    np.testing.assert_allclose(along[0, 3], other[0, 3], atol=1e-6)
    np.testing.assert_allclose(last, other_last, atol=1e-6)
    assert np.abs(along[0, 2] - other[0, 2]).max() > 1e-3


@pytest.mark.parametrize("memory", [None, 2])
def test_the_states_of_a_word_do_not_depend_on_the_batch(memory):
    alone, _ = states([[2, 3, 4]], [3], memory)
    batch, last = states([[2, 3, 0], [2, 3, 4], [5, 5, 5]], [2, 3, 3], memory)

    np.testing.assert_allclose(batch[1], alone[0], atol=1e-6)
    np.testing.assert_allclose(last[1], alone[0, 2], atol=1e-6)
