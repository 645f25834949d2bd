"""Units that the literature made of the NALU, as layers.

iNALU: D. Schlör, M. Ring, A. Hotho: iNALU: Improved Neural Arithmetic Logic Unit, 2020, doi 10.3389/frai.2020.00071,
section 3, with separate weights. Training differs: its authors start again when the loss stays high, clip each
gradient to 0.1, train weights and gate in turns, and regularize only late. NAU and NMU: A. Madsen, A. R. Johansen:
Neural Arithmetic Units, arXiv 2001.05016, sections 2.2 to 2.4; their authors let the weight of the regularizer grow
during training, here it is constant.

Each unit has a regularizer, in the graph collections of kind PENALTY, which pulls its weights to whole values. The
internals of a unit are in those of kind ARITHMETIC, as in `core.network.heads.arithmetic`.
"""

import tensorflow as tf

from core.network.graph_collections import ARITHMETIC, PENALTY, add_tensors
from core.network.heads.arithmetic import EPSILON

_LARGEST_LOGARITHM = 20.0
_SATURATED = 20.0  # tanh and sigmoid of it are 1
_STANDARD_DEVIATION = 0.1
_ROOT_3 = 3**0.5


def inalu(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """Add or multiply, also negative numbers: the improved NALU.

        W_a = tanh(W^_a) * sigmoid(M^_a),  W_m = tanh(W^_m) * sigmoid(M^_m)
        a = W_a x
        m = exp(min(W_m log(max(|x|, epsilon)), 20))
        v = prod_i (sgn(x_i) |W_m,i| + 1 - |W_m,i|)         the sign of the product
        g = sigmoid(G)                                      does not depend on x
        y = g * a + (1 - g) * m * v

    At first W^, M^ and G are normal with standard deviation 0.1 and means 1, -1 and 0, as its authors have them. The
    regularizer is the mean of max(20 - |w|, 0) / 20 over all W^, M^ and G.

    Args:
        inputs: x, float32 [batch, inputs].
        units: how many results.

    Returns:
        y, float32 [batch, units].
    """
    with tf.compat.v1.variable_scope("inalu"):
        shape = [inputs.shape[1], units]
        w_a, m_a = _normal("W_hat_a", shape, 1.0), _normal("M_hat_a", shape, -1.0)
        w_m, m_m = _normal("W_hat_m", shape, 1.0), _normal("M_hat_m", shape, -1.0)
        gate = _normal("G", [units], 0.0)
    sum_weights, product_weights = tf.tanh(w_a) * tf.sigmoid(m_a), tf.tanh(w_m) * tf.sigmoid(m_m)
    a = tf.matmul(inputs, sum_weights)
    logarithms = tf.math.log(tf.maximum(tf.abs(inputs), EPSILON))
    m = tf.exp(tf.minimum(tf.matmul(logarithms, product_weights), _LARGEST_LOGARITHM))
    share = tf.abs(product_weights)
    v = _product(tf.sign(inputs), share)
    g = tf.broadcast_to(tf.sigmoid(gate), tf.shape(a))
    weights = tf.concat([sum_weights, product_weights], axis=0)
    add_tensors(ARITHMETIC, {"weights/inalu": weights, "gate": g})
    parameters = [tf.reshape(each, [-1]) for each in (w_a, m_a, w_m, m_m, gate)]
    missing = tf.maximum(_SATURATED - tf.abs(tf.concat(parameters, axis=0)), 0.0) / _SATURATED
    add_tensors(PENALTY, {"inalu": tf.reduce_mean(missing)})
    return g * a + (1 - g) * m * v


def nau(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """Add and subtract: the neural addition unit.

        a = W x,  each w clamped to [-1, 1] after each step

    At first each w is uniform in [-r, r], r = min(1/2, sqrt(6 / (inputs + units))). The regularizer is the mean of
    min(|w|, 1 - |w|).

    Args:
        inputs: x, float32 [batch, inputs].
        units: how many sums.

    Returns:
        a, float32 [batch, units].
    """
    shape = [inputs.shape[1], units]
    limit = min(0.5, _ROOT_3 * (2 / sum(shape)) ** 0.5)
    weights = _clamped_weights("nau", shape, (-limit, limit), (-1.0, 1.0))
    add_tensors(ARITHMETIC, {"weights/nau": weights})
    add_tensors(PENALTY, {"nau": tf.reduce_mean(tf.minimum(tf.abs(weights), 1 - tf.abs(weights)))})
    return tf.matmul(inputs, weights)


def nmu(inputs: tf.Tensor, units: int) -> tf.Tensor:
    """Multiply: the neural multiplication unit.

        z = prod_i (w_i x_i + 1 - w_i),  each w clamped to [0, 1] after each step

    At first each w is uniform in [1/4, 3/4]. The regularizer is the mean of min(w, 1 - w).

    Args:
        inputs: x, float32 [batch, inputs].
        units: how many products.

    Returns:
        z, float32 [batch, units].
    """
    weights = _clamped_weights("nmu", [inputs.shape[1], units], (0.25, 0.75), (0.0, 1.0))
    add_tensors(ARITHMETIC, {"weights/nmu": weights})
    add_tensors(PENALTY, {"nmu": tf.reduce_mean(tf.minimum(weights, 1 - weights))})
    return _product(inputs, weights)


def _product(factors: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Multiply factors [batch, inputs], each with its weight [inputs, units]; without weight, a factor is 1."""
    return tf.reduce_prod(factors[:, :, tf.newaxis] * weights + 1 - weights, axis=1)


def _normal(name: str, shape: list[int], mean: float) -> tf.Variable:
    return tf.compat.v1.get_variable(
        name, shape, initializer=tf.compat.v1.random_normal_initializer(mean, _STANDARD_DEVIATION)
    )


def _clamped_weights(
    name: str, shape: list[int], initial: tuple[float, float], allowed: tuple[float, float]
) -> tf.Tensor:
    return tf.compat.v1.get_variable(
        f"{name}/W",
        shape,
        initializer=tf.compat.v1.random_uniform_initializer(*initial),
        constraint=lambda weights: tf.clip_by_value(weights, *allowed),
    )
