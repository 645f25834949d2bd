import itertools

import numpy as np
import pytest
import tensorflow as tf

from core.encoder import encode_word, parts_of_batch

HIDDEN = 4


def encode(characters, lengths, hidden=HIDDEN, parts=1):
    """The states of words, and the gradients of their squares with respect to every weight."""
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        words = tf.constant(characters), tf.constant(lengths)
        state = encode_word(*words, alphabet_size=6, embedding=3, hidden=hidden, parts=parts)
        weights = tf.compat.v1.trainable_variables()
        gradients = [tf.convert_to_tensor(part) for part in tf.gradients(tf.reduce_sum(state**2), weights)]
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            return session.run([state, *gradients])


def test_padding_does_not_change_what_a_word_is_encoded_as():
    alone, *_ = encode([[2, 3]], [2])
    padded, *_ = encode([[2, 3, 0, 0], [5, 4, 3, 2]], [2, 4])

    assert alone.shape == (1, HIDDEN)
    np.testing.assert_allclose(padded[0], alone[0], atol=1e-6)


def test_the_order_of_characters_matters():
    states, *_ = encode([[2, 3, 4], [4, 3, 2]], [3, 3])

    assert np.abs(states[0] - states[1]).max() > 1e-3


@pytest.mark.parametrize("hidden", [HIDDEN, 128])  # 128 are computed as 132
def test_words_are_encoded_together_as_each_is_alone_in_every_order_and_any_parts(hidden):
    characters = [[2, 3, 4, 5, 2], [2, 3, 4, 2, 0], [2, 3, 5, 5, 5], [4, 3, 2, 3, 0], [2, 3, 4, 5, 2], [2, 0, 0, 0, 0]]
    lengths = [5, 4, 5, 4, 5, 1]
    alone = [encode([ids], [length], hidden) for ids, length in zip(characters, lengths, strict=True)]
    gradients = [sum(parts) for parts in zip(*(each[1:] for each in alone), strict=True)]

    orders = [0, 1, 2, 3, 4, 5], [5, 1, 0, 4, 2, 3], [3, 0, 5, 2, 1, 4]
    for order, parts in itertools.product(orders, (1, 2, 4)):
        words = [characters[place] for place in order], [lengths[place] for place in order]
        states, *ours = encode(*words, hidden, parts)

        np.testing.assert_allclose(states, [alone[place][0][0] for place in order], atol=1e-6)
        for gradient, reference in zip(ours, gradients, strict=True):
            assert np.abs(reference).max() > 1e-3
            np.testing.assert_allclose(gradient, reference, atol=1e-5)


@pytest.mark.parametrize(
    ("batch_size", "hidden", "parts"),
    [(32, 64, 1), (64, 64, 1), (256, 64, 2), (64, 256, 2), (1, 10**6, 1), (10**5, 1, 2)],
)
def test_a_batch_is_parted_where_two_processors_are_worth_it(batch_size, hidden, parts):
    assert parts_of_batch(batch_size, hidden) == parts
