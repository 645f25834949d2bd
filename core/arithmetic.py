"""Neural arithmetic: layers whose weights are drawn to -1, 0 and 1, so that they add, subtract and multiply.

From A. Trask et al.: Neural Arithmetic Logic Units, arXiv 1808.00508, sections 3 and 3.1. The paper does not say how
the weights begin; here they do as in a dense layer (X. Glorot, Y. Bengio, 2010: uniform, of variance
2 / (inputs + units)), which makes the entries of W small and of either sign.

A cell publishes its insides: `weights`, W, float32 [inputs, units], and where it has one `gate`, g, float32
[batch, units].
"""

from typing import Any

import tensorflow as tf

from core.published import ARITHMETIC, publish

EPSILON = 1e-7


def nac(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """Add and subtract: the neural accumulator.

        W = tanh(W^) * sigmoid(M^)      elementwise, within (-1, 1)
        a = W x

    Args:
        inputs: x, float32 [batch, inputs].
        units: how many sums.

    Returns:
        a, float32 [batch, units].
    """
    with tf.compat.v1.variable_scope("nac"):
        weights = _nac_weights(inputs, units)
    publish(ARITHMETIC, {"weights": weights})
    return tf.matmul(inputs, weights)


def nalu(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """Add or multiply, as a gate decides: the neural arithmetic logic unit.

        a = W x
        m = exp(W log(|x| + epsilon))
        g = sigmoid(G x)
        y = g * a + (1 - g) * m

    W is that of a NAC, the same for sum and product.

    Args:
        inputs: x, float32 [batch, inputs].
        units: how many results.

    Returns:
        y, float32 [batch, units].
    """
    with tf.compat.v1.variable_scope("nalu"):
        weights = _nac_weights(inputs, units)
        gate_weights = tf.compat.v1.get_variable("G", weights.shape, initializer=_dense_initializer())
    a = tf.matmul(inputs, weights)
    m = tf.exp(tf.matmul(tf.math.log(tf.abs(inputs) + EPSILON), weights))
    g = tf.sigmoid(tf.matmul(inputs, gate_weights))
    publish(ARITHMETIC, {"weights": weights, "gate": g})
    return g * a + (1 - g) * m


def _nac_weights(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """W, float32 [inputs, units]."""
    shape = [inputs.shape[1], units]
    w_hat = tf.compat.v1.get_variable("W_hat", shape, initializer=_dense_initializer())
    m_hat = tf.compat.v1.get_variable("M_hat", shape, initializer=_dense_initializer())
    return tf.tanh(w_hat) * tf.sigmoid(m_hat)


def _dense_initializer() -> Any:
    return tf.compat.v1.glorot_uniform_initializer()
