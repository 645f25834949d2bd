"""Adam with decoupled weight decay, clipped gradients and a learning rate that falls to 0."""

import math
import re
from typing import NamedTuple

import tensorflow as tf

_NOT_FINITE = "the loss is not finite"


class Update(NamedTuple):
    """One step of training.

    Attributes:
        train_op: applies the step and counts it. Where the loss is not finite it does neither, and raises the
            tf.errors.InvalidArgumentError that `read_lost_loss` knows.
        gradient_norm: float32 [], the global L2 norm of the gradients before they were clipped.
    """

    train_op: tf.Operation
    gradient_norm: tf.Tensor


def minimize(
    loss: tf.Tensor, *, learning_rate: float, weight_decay: float, clip_norm: float, max_steps: int
) -> Update:
    """Build one step of AdamW down the gradient of the loss.

        eta_t = eta * (1 - t / max_steps)
        g <- g * min(1, clip_norm / ||g||)
        theta <- theta - eta_t * lambda * theta - eta_t * m^ / (sqrt(v^) + epsilon)

    (I. Loshchilov, F. Hutter: Decoupled Weight Decay Regularization, arXiv 1711.05101, algorithm 2, its schedule
    a line.)

    Args:
        loss: float32 [].
        learning_rate: eta, that of the first step.
        weight_decay: lambda; all trainable variables decay.
        clip_norm: the largest global norm that is applied.
        max_steps: the step t at which the learning rate would be 0.
    """
    step = tf.compat.v1.train.get_global_step()
    rate = learning_rate * (1 - tf.cast(step, tf.float32) / max_steps)
    adam = tf.compat.v1.train.AdamOptimizer(rate)
    variables = tf.compat.v1.trainable_variables()
    # The gradient of an embedding comes in slices, one a use: their norm is not that of the gradient.
    whole = [tf.convert_to_tensor(gradient) for gradient in tf.gradients(loss, variables)]
    gradients, norm = tf.clip_by_global_norm(whole, clip_norm)
    with tf.control_dependencies([*gradients, rate, tf.debugging.check_numerics(loss, _NOT_FINITE)]):
        decay = [variable.assign_sub(rate * weight_decay * variable) for variable in variables]
    with tf.control_dependencies(decay):
        train_op = adam.apply_gradients(zip(gradients, variables, strict=True), step)
    return Update(train_op, norm)


def read_lost_loss(error: tf.errors.InvalidArgumentError) -> float | None:
    """Read the loss, NaN or infinity, for which a step has ended with this error; None when it is another error."""
    found = re.search(f"{_NOT_FINITE} : Tensor had (.*) values", error.message)
    if found is None:
        return None
    return math.nan if "NaN" in found[1] else math.inf
