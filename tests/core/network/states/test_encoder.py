import numpy as np
import pytest
import tensorflow as tf

from core.network.states.encoder import encode_words, parts_of_batch

HIDDEN = 4


def encode(*batches, hidden=HIDDEN, parts=1):
    """Return for each batch the states of its words, and the gradients of their squares for every weight.

    A batch is the characters of its words, padded alike in all batches, and their lengths.
    """
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        characters = tf.compat.v1.placeholder(tf.int32, [None, len(batches[0][0][0])])
        lengths = tf.compat.v1.placeholder(tf.int32, [None])
        state = encode_words(characters, lengths, alphabet_size=6, embedding=3, hidden=hidden, parts=parts).last
        weights = tf.compat.v1.trainable_variables()
        gradients = [tf.convert_to_tensor(part) for part in tf.gradients(tf.reduce_sum(state**2), weights)]
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            return [
                session.run([state, *gradients], dict(zip((characters, lengths), each, strict=True)))
                for each in batches
            ]


def test_padding_does_not_change_the_state_of_a_word():
    [[alone, *_]] = encode(([[2, 3]], [2]))
    [[padded, *_]] = encode(([[2, 3, 0, 0], [5, 4, 3, 2]], [2, 4]))

    assert alone.shape == (1, HIDDEN)
    np.testing.assert_allclose(padded[0], alone[0], atol=1e-6)


def test_the_order_of_characters_matters():
    [[states, *_]] = encode(([[2, 3, 4], [4, 3, 2]], [3, 3]))

    assert np.abs(states[0] - states[1]).max() > 1e-3


@pytest.mark.parametrize("hidden", [HIDDEN, 128])  # 128 units are computed as 132
def test_a_word_has_the_same_state_and_gradient_in_any_batch_order_and_parts(hidden):
    characters = [[2, 3, 4, 5, 2], [2, 3, 4, 2, 0], [2, 3, 5, 5, 5], [4, 3, 2, 3, 0], [2, 3, 4, 5, 2], [2, 0, 0, 0, 0]]
    lengths = [5, 4, 5, 4, 5, 1]
    alone = encode(*(([ids], [length]) for ids, length in zip(characters, lengths, strict=True)), hidden=hidden)
    gradients = [sum(parts) for parts in zip(*(each[1:] for each in alone), strict=True)]

    orders = [0, 1, 2, 3, 4, 5], [5, 1, 0, 4, 2, 3], [3, 0, 5, 2, 1, 4]
    batches = [([characters[place] for place in order], [lengths[place] for place in order]) for order in orders]
    for parts in (1, 2, 4):
        for order, (states, *ours) in zip(orders, encode(*batches, hidden=hidden, parts=parts), strict=True):
            np.testing.assert_allclose(states, [alone[place][0][0] for place in order], atol=1e-6)
            for gradient, reference in zip(ours, gradients, strict=True):
                assert np.abs(reference).max() > 1e-3
                np.testing.assert_allclose(gradient, reference, atol=1e-5)


@pytest.mark.parametrize(
    ("batch_size", "hidden", "parts"),
    [(32, 64, 1), (64, 64, 1), (256, 64, 2), (64, 256, 2), (1, 10**6, 1), (10**5, 1, 2)],
)
def test_large_batches_are_read_in_two_parts(batch_size, hidden, parts):
    assert parts_of_batch(batch_size, hidden) == parts
