import numpy as np
import pytest
import tensorflow as tf

from core.network.states.lstm import FORGET_BIAS, lstm
from core.network.states.trie import make_trie

INPUTS = 2
WORDS = [[2, 3, 4, 0, 0], [2, 3, 4, 5, 3], [2, 4, 0, 0, 0], [4, 3, 2, 2, 0], [4, 3, 2, 2, 0]]
LENGTHS = [3, 5, 2, 4, 4]


def random_tensors(hidden):
    rng = np.random.default_rng(0)
    shapes = ([6, INPUTS], [INPUTS + hidden, 4 * hidden], [4 * hidden])
    return [tf.constant(rng.normal(size=shape) * 3 / hidden**0.5, tf.float32) for shape in shapes]


def ours(table, kernel, bias, words=WORDS):
    """Return the last state of each word, read in a trie."""
    trie = make_trie(tf.convert_to_tensor(words), tf.constant(LENGTHS))
    return tf.gather(lstm(tf.gather(table, trie.characters), kernel, bias, trie), trie.ends)


def unrolled(table, kernel, bias):
    """Return the same by the formula of the LSTM, one word and one step after the other in plain operations."""
    hidden = bias.shape[0] // 4
    last = []
    for word, length in zip(WORDS, LENGTHS, strict=True):
        c = h = tf.zeros([1, hidden])
        for character in word[:length]:
            gates = tf.concat([table[character : character + 1], h], axis=1) @ kernel + bias
            i, candidate, f, o = tf.split(gates, 4, axis=1)
            c = tf.sigmoid(f + FORGET_BIAS) * c + tf.sigmoid(i) * tf.tanh(candidate)
            h = tf.sigmoid(o) * tf.tanh(c)
        last.append(h[0])
    return tf.stack(last)


def gradients(function, tensors):
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = tf.reduce_sum(function(*tensors) ** 2)
    return [tf.convert_to_tensor(gradient) for gradient in tape.gradient(outputs, tensors)]


def test_a_single_unit_gives_the_numbers_computed_by_hand():
    """With x = 1, all weights 1 and biases 0: c = s(1) tanh(1) and h = s(1) tanh(c), s the sigmoid."""
    trie = make_trie(tf.constant([[0]]), tf.constant([1]))
    h = lstm(tf.ones([1, 1]), tf.ones([2, 4]), tf.zeros([4]), trie)

    assert h.numpy().item() == pytest.approx(0.7310586 * np.tanh(0.7310586 * 0.7615942), abs=1e-6)


@pytest.mark.parametrize("hidden", [4, 128, 130])  # 128 units are computed as 132
@pytest.mark.parametrize("time", [5, 7, None])
def test_states_equal_the_unrolled_formula(hidden, time):
    table, kernel, bias = random_tensors(hidden)
    padded = tf.pad(WORDS, [[0, 0], [0, (time or 5) - 5]])

    @tf.function(input_signature=[tf.TensorSpec([None, time], tf.int32)])
    def read(words):
        return ours(table, kernel, bias, words)

    np.testing.assert_allclose(read(padded), unrolled(table, kernel, bias), atol=1e-6)


@pytest.mark.parametrize("hidden", [4, 128, 130])
@pytest.mark.parametrize("wrapped", [lambda function: function, tf.function])
def test_gradients_equal_the_unrolled_formula(hidden, wrapped):
    tensors = random_tensors(hidden)

    for gradient, reference in zip(
        gradients(wrapped(ours), tensors), gradients(wrapped(unrolled), tensors), strict=True
    ):
        assert np.abs(reference).max() > 0.01
        np.testing.assert_allclose(gradient, reference, atol=1e-5)


def test_a_gradient_needs_a_known_time_axis():
    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def read(words):
        table, kernel, bias = random_tensors(4)
        return tf.gradients(ours(table, kernel, bias, words), kernel)

    with pytest.raises(ValueError, match="must know the time of characters"):
        read(tf.constant(WORDS))
