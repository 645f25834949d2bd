"""Adam with decoupled weight decay and clipped gradients."""

from typing import NamedTuple

import tensorflow as tf


class Update(NamedTuple):
    """One step of training.

    Attributes:
        train_op: applies the step and counts it.
        gradient_norm: float32 [], the global L2 norm of the gradients before they were clipped.
    """

    train_op: tf.Operation
    gradient_norm: tf.Tensor


def minimize(loss: tf.Tensor, *, learning_rate: float, weight_decay: float, clip_norm: float) -> Update:
    """Build one step of AdamW down the gradient of the loss.

        g <- g * min(1, clip_norm / ||g||)
        theta <- theta - eta * lambda * theta - eta * m^ / (sqrt(v^) + epsilon)

    (I. Loshchilov, F. Hutter: Decoupled Weight Decay Regularization, arXiv 1711.05101, algorithm 2.)

    Args:
        loss: float32 [].
        learning_rate: eta.
        weight_decay: lambda; all trainable variables decay.
        clip_norm: the largest global norm that is applied.
    """
    adam = tf.compat.v1.train.AdamOptimizer(learning_rate)
    variables = tf.compat.v1.trainable_variables()
    gradients, norm = tf.clip_by_global_norm(tf.gradients(loss, variables), clip_norm)
    with tf.control_dependencies(gradients):
        decay = [variable.assign_sub(learning_rate * weight_decay * variable) for variable in variables]
    with tf.control_dependencies(decay):
        train_op = adam.apply_gradients(zip(gradients, variables, strict=True), tf.compat.v1.train.get_global_step())
    return Update(train_op, norm)
