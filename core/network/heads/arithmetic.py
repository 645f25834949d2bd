"""Neural arithmetic: layers whose weights tend to -1, 0 and 1, so that they add, subtract and multiply.

From A. Trask et al.: Neural Arithmetic Logic Units, arXiv 1808.00508, sections 3 and 3.1. The paper does not give the
initial weights. Here W starts with the variance of a dense layer (X. Glorot, Y. Bengio, 2010):

    Var[W] = 2 / (inputs + units),    W^ and M^ uniform in [-r, r]

W is the product of tanh(W^) and sigmoid(M^), so r follows from

    Var[W] = E[tanh(W^)^2] E[sigmoid(M^)^2] = (1 - tanh(r) / r) * (r - tanh(r / 2)) / (2 r)

A cell adds its internals to the graph collections of kind ARITHMETIC: its weights, `weights/nac` and so on, W, float32
[inputs, units], and if it has a gate, `gate`, g, float32 [batch, units].
"""

import math

import tensorflow as tf

from core.network.graph_collections import ARITHMETIC, add_tensors

EPSILON = 1e-7
_BISECTIONS = 60


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
    add_tensors(ARITHMETIC, {"weights/nac": weights})
    return tf.matmul(inputs, weights)


def nalu(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """Add or multiply, as a gate decides: the neural arithmetic logic unit.

        a = W x
        m = exp(W log(|x| + epsilon))
        g = sigmoid(G x)
        y = g * a + (1 - g) * m

    Sum and product share W, that of a NAC.

    Args:
        inputs: x, float32 [batch, inputs].
        units: how many results.

    Returns:
        y, float32 [batch, units].
    """
    with tf.compat.v1.variable_scope("nalu"):
        weights = _nac_weights(inputs, units)
        gate_weights = tf.compat.v1.get_variable(
            "G", weights.shape, initializer=tf.compat.v1.glorot_uniform_initializer()
        )
    a = tf.matmul(inputs, weights)
    m = tf.exp(tf.matmul(tf.math.log(tf.abs(inputs) + EPSILON), weights))
    g = tf.sigmoid(tf.matmul(inputs, gate_weights))
    add_tensors(ARITHMETIC, {"weights/nalu": weights, "gate": g})
    return g * a + (1 - g) * m


def nac_variance(limit: float) -> float:
    """Return the variance of W if W^ and M^ are uniform in [-limit, limit], limit above 0."""
    return (1 - math.tanh(limit) / limit) * (limit - math.tanh(limit / 2)) / (2 * limit)


def nac_limit(variance: float) -> float:
    """Return the limit of W^ and M^ that gives W a variance, by bisection; variance is above 0 and below 0.5."""
    low, high = 1e-6, 1.0
    while nac_variance(high) < variance:
        high *= 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if nac_variance(middle) < variance else (low, middle)
    return high


def _nac_weights(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """W, float32 [inputs, units]."""
    shape = [inputs.shape[1], units]
    limit = nac_limit(min(2 / sum(shape), 0.25))  # W of a single input could not have variance 1
    initializer = tf.compat.v1.random_uniform_initializer(-limit, limit)
    w_hat = tf.compat.v1.get_variable("W_hat", shape, initializer=initializer)
    m_hat = tf.compat.v1.get_variable("M_hat", shape, initializer=initializer)
    return tf.tanh(w_hat) * tf.sigmoid(m_hat)
