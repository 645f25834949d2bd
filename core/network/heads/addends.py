"""Heads that add a value at each character of a word, and learn from the sum alone.

At each character the network chooses what it adds, mostly nothing. With a memory of a few characters it cannot know a
word by heart: what is right for one word holds for all words with the same letters.

What is added is in the graph collections of kind ADDENDS, as `added`. How often something is added, the mean over
words of sum_t (1 - the probability of nothing), is in those of kind PENALTY.
"""

import numpy as np
import tensorflow as tf

from core.network.graph_collections import ADDENDS, PENALTY, add_tensors
from core.network.heads.dense import dense
from core.network.states.reading import Reading

_NOTHING = 5.0
_DIGITS = 12
_FACTORS = 2


def codebook_values(limit: int) -> list[int]:
    """Return 0, the values of each digit in each place of numbers up to the limit, 11 and 12."""
    places = len(str(limit))
    return [0, *(digit * 10**place for place in range(places) for digit in range(1, 10)), 11, 12]


def codebook(reading: Reading, limit: int) -> tf.Tensor:
    """Add fixed values.

        c = (0; 1..9; 10..90; 100..900; ...; 11, 12)
        p_t = softmax(W h_t + b + (NOTHING, 0, ..., 0))
        y = sum_t sum_i p_ti c_i

    Args:
        reading: the states of the LSTM along the words.
        limit: the largest number that the network may be asked for.

    Returns:
        y, float32 [batch].
    """
    values = codebook_values(limit)
    with tf.compat.v1.variable_scope("codebook"):
        nothing = [_NOTHING] + [0.0] * (len(values) - 1)
        shares = tf.nn.softmax(dense(reading.nodes, "choice", len(values)) + nothing)
    return _add(reading, tf.linalg.matvec(shares, tf.constant(values, tf.float32)), 1 - shares[:, 0])


def product(reading: Reading) -> tf.Tensor:
    """Add products of learned values: a digit and a factor behind a gate.

        g_t = sigmoid(w_g h_t + b_g),  b_g = -1 at first
        d_t = softmax(W_d h_t + b_d) delta                      12 values, 1/2 .. 10 at first
        m_t = exp(softmax(W_m h_t + b_m) (0, l_1, l_1 + l_2))   l = softplus(lambda), lambda = 2 at first
        y = sum_t g_t d_t m_t

    Delta and lambda are learned; nothing decimal is built in. As in a NALU, exp and logarithms multiply.

    Args:
        reading: the states of the LSTM along the words.

    Returns:
        y, float32 [batch].
    """
    with tf.compat.v1.variable_scope("product"):
        gate = tf.sigmoid(dense(reading.nodes, "gate", 1, bias=-1.0)[:, 0])
        delta = tf.compat.v1.get_variable(
            "delta", [_DIGITS], initializer=tf.compat.v1.constant_initializer(np.linspace(0.5, 10, _DIGITS))
        )
        growth = tf.compat.v1.get_variable("lambda", [_FACTORS], initializer=tf.compat.v1.constant_initializer(2.0))
        digit = tf.linalg.matvec(tf.nn.softmax(dense(reading.nodes, "digit", _DIGITS)), delta)
        logarithms = tf.concat([[0.0], tf.cumsum(tf.nn.softplus(growth))], axis=0)
        factor = tf.exp(tf.linalg.matvec(tf.nn.softmax(dense(reading.nodes, "factor", _FACTORS + 1)), logarithms))
    return _add(reading, gate * digit * factor, gate)


def _add(reading: Reading, values: tf.Tensor, something: tf.Tensor) -> tf.Tensor:
    """Add values of nodes, [nodes], along each word, and keep them; `something` is the share that is not nothing."""
    added = reading.along_words(values) * reading.inside
    often = tf.reduce_sum(reading.along_words(something) * reading.inside, axis=1)
    add_tensors(ADDENDS, {"added": added})
    add_tensors(PENALTY, {"addends": tf.reduce_mean(often)})
    return tf.reduce_sum(added, axis=1)
