"""Writes the digits of a number into decimal places along a word, best read backwards.

At each character t, the network chooses a digit d and a place k of a group (units, tens, hundreds). It carries along a
scale register s: the group j of three digits that it writes to.

    p_t = softmax(W_p h_t + b_p)                            the digit, 10
    q_t = softmax(W_q h_t + b_q + (0, 0, 0, NOTHING))[:3]   the place; the fourth choice writes nothing
    f_t = sigmoid(w_f h_t + b_f),  b_f = -5 at first        change the scale?
    c_t = softmax(W_c h_t + b_c)                            to which group: 1, 1000, 10^6, ...
    s_t = (1 - f_t) s_(t-1) + f_t c_t,  s_0 = (1, 0, ...)

    w_tjk = s_tj q_tk                                       0 outside of the word
    P_jk(d) = (eps [d=0] + sum_t w_tjk p_t(d)) / (eps + sum_t w_tjk)

Digits are built in, and so are groups of three. When to write, and when to change the scale, is learned. How often a
digit is written, the mean over words of sum_tk q_tk, is in the graph collections of kind PENALTY. Without a penalty, a
digit may be written where another one outweighs it, which goes wrong in a word without the other one.

Because of b_f, the scale is learned after the digits of the first group. Otherwise, and with a penalty from the start,
the network may learn to change the scale at *hundert*: read backwards, it nearly always comes before *tausend*. Then
the hundreds have no place any more, and training does not leave this minimum.
"""

from typing import NamedTuple

import tensorflow as tf

from core.network.graph_collections import PENALTY, PLACES, add_tensors
from core.network.heads.dense import dense
from core.network.states.reading import Reading

PLACES_OF_GROUP = 3
_DIGITS = 10
_NOTHING = 3.0
_UNCHANGED = -5.0
_EPSILON = 0.05
_SMALLEST = 1e-5  # added to a probability before its logarithm


class Choices(NamedTuple):
    """What the network chooses at each character.

    Attributes:
        digit: p, float32 [batch, time, 10].
        place: q, float32 [batch, time, 3], 0 outside of the word.
        change: f, float32 [batch, time], 0 outside of the word.
        group: c, float32 [batch, time, groups].
    """

    digit: tf.Tensor
    place: tf.Tensor
    change: tf.Tensor
    group: tf.Tensor


def places(reading: Reading, groups: int) -> tf.Tensor:
    """Return the logarithms of the probabilities of the digits: float32 [batch, places, 10], units first.

    The choices are in the graph collections of kind PLACES: `digit`, `place` and `scale`, the register s.
    """
    choices = _choose(reading, groups)
    scale = scale_register(choices.change, choices.group)
    add_tensors(PLACES, {"digit": choices.digit, "place": choices.place, "scale": scale})
    add_tensors(PENALTY, {"places": tf.reduce_mean(tf.reduce_sum(choices.place, axis=[1, 2]))})
    return tf.math.log(digit_probabilities(choices.digit, choices.place, scale) + _SMALLEST)


def scale_register(change: tf.Tensor, group: tf.Tensor) -> tf.Tensor:
    """Compute s without a loop.

        K_t = sum_(u <= t) log(1 - f_u + 1e-6)
        A_tr = f_r exp(min(K_t - K_r, 0))  for r <= t, else 0        the part of c_r that is left at t
        s = A c + (1 - row sum) e_0

    Args:
        change: f, float32 [batch, time].
        group: c, float32 [batch, time, groups].

    Returns:
        s, float32 [batch, time, groups].
    """
    kept = tf.cumsum(tf.math.log(1 - change + 1e-6), axis=1)
    left = tf.exp(tf.minimum(kept[:, :, tf.newaxis] - kept[:, tf.newaxis, :], 0.0)) * change[:, tf.newaxis, :]
    scale = tf.matmul(tf.linalg.band_part(left, -1, 0), group)
    rest = tf.maximum(1 - tf.reduce_sum(scale, axis=2, keepdims=True), 0.0)
    return scale + rest * tf.one_hot(0, group.shape[2])


def digit_probabilities(digit: tf.Tensor, place: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
    """Compute P: float32 [batch, places, 10], from p, q and s."""
    written = tf.einsum("btj,btk->btjk", scale, place)
    weight = _EPSILON + tf.reduce_sum(written, axis=1)
    zero = _EPSILON * tf.one_hot(0, _DIGITS)
    probabilities = (tf.einsum("btjk,btd->bjkd", written, digit) + zero) / weight[..., tf.newaxis]
    return tf.reshape(probabilities, [-1, PLACES_OF_GROUP * scale.shape[2], _DIGITS])


def _choose(reading: Reading, groups: int) -> Choices:
    """Compute the choices on the nodes, and gather them along the words."""
    with tf.compat.v1.variable_scope("places"):
        nothing = [0.0] * PLACES_OF_GROUP + [_NOTHING]
        parts = [
            tf.nn.softmax(dense(reading.nodes, "digit", _DIGITS)),
            tf.nn.softmax(dense(reading.nodes, "place", PLACES_OF_GROUP + 1) + nothing)[:, :PLACES_OF_GROUP],
            tf.sigmoid(dense(reading.nodes, "change", 1, scale=0.1, bias=_UNCHANGED)),
            tf.nn.softmax(dense(reading.nodes, "group", groups, scale=0.1)),
        ]
    along = reading.along_words(tf.concat(parts, axis=1))
    digit, place, change, group = tf.split(along, [_DIGITS, PLACES_OF_GROUP, 1, groups], axis=2)
    inside = reading.inside[..., tf.newaxis]
    return Choices(digit, place * inside, (change * inside)[..., 0], group)
