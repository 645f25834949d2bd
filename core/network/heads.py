"""The heads of the tasks: the layers between the last state of the LSTM and the loss.

A head is a function from the state of the LSTM, float32 [batch, hidden], and the largest number of training to the
outputs that the losses of its task take. It is one entry in HEADS, and its name is listed in `heads` of its task.
"""

from collections.abc import Callable, Mapping

import tensorflow as tf

from core.network import arithmetic

Head = Callable[[tf.Tensor, float], tf.Tensor]


def _softmax(state: tf.Tensor, largest: float) -> tf.Tensor:
    """Return the logits of odd and even, W h + b: float32 [batch, classes]."""
    kernel = tf.compat.v1.get_variable(
        "logits/kernel", [state.shape[1], 2], initializer=tf.compat.v1.glorot_uniform_initializer()
    )
    bias = tf.compat.v1.get_variable("logits/bias", [2], initializer=tf.compat.v1.zeros_initializer())
    return tf.matmul(state, kernel) + bias


def _linear(state: tf.Tensor, largest: float) -> tf.Tensor:
    """Return largest * (w h + b): float32 [batch]."""
    weights = tf.compat.v1.get_variable(
        "linear/kernel", [state.shape[1], 1], initializer=tf.compat.v1.glorot_uniform_initializer()
    )
    bias = tf.compat.v1.get_variable("linear/bias", [1], initializer=tf.compat.v1.zeros_initializer())
    return largest * (tf.matmul(state, weights) + bias)[:, 0]


def _nac(state: tf.Tensor, largest: float) -> tf.Tensor:
    """Return largest * NAC(h): float32 [batch].

    The entries of h and of the weights are within (-1, 1): without the factor no sum of them comes near 999.
    """
    return largest * arithmetic.nac(state, units=1)[:, 0]


def _nalu(state: tf.Tensor, largest: float) -> tf.Tensor:
    """Return largest * NALU(h): float32 [batch]."""
    return largest * arithmetic.nalu(state, units=1)[:, 0]


HEADS: Mapping[str, Head] = {"softmax": _softmax, "linear": _linear, "nac": _nac, "nalu": _nalu}
