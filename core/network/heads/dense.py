"""A dense layer."""

import tensorflow as tf


def dense(inputs: tf.Tensor, name: str, units: int, *, scale: float = 1.0, bias: float = 0.0) -> tf.Tensor:
    """Return W x + b, float32 [..., units].

    W starts uniform with variance 2 * scale / (inputs + units) (X. Glorot, Y. Bengio, 2010), and b with `bias`.
    """
    initializer = tf.compat.v1.variance_scaling_initializer(scale, "fan_avg", "uniform")
    kernel = tf.compat.v1.get_variable(f"{name}/kernel", [inputs.shape[1], units], initializer=initializer)
    initial = tf.compat.v1.constant_initializer(bias)
    return tf.matmul(inputs, kernel) + tf.compat.v1.get_variable(f"{name}/bias", [units], initializer=initial)
