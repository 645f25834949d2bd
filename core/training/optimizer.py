"""Adam with decoupled weight decay, clipped gradients, warm-up and a learning rate that falls to 0."""

import math
import re
from typing import NamedTuple

import tensorflow as tf

from core.training.plan import TrainingPlan

CLIP_NORM = 1.0
"""The largest global norm of a gradient that is applied."""

_NOT_FINITE = "the loss is not finite"


class Update(NamedTuple):
    """One step of training.

    Attributes:
        train_op: applies the step and increments the global step. If the loss is not finite it does neither, and
            raises a tf.errors.InvalidArgumentError that `read_diverged_loss` understands.
        gradient_norm: float32 [], the global L2 norm of the gradients before clipping.
    """

    train_op: tf.Operation
    gradient_norm: tf.Tensor


def minimize(loss: tf.Tensor, plan: TrainingPlan) -> Update:
    """Build one step of AdamW down the gradient of the loss.

        eta_t = eta * min(1, (t + 1) / warmup) * fall(t / max_steps)
        fall(x) = 1 - x   (linear)   or   (1 + cos(pi x)) / 2   (cosine)
        g <- g * min(1, CLIP_NORM / ||g||)
        theta <- theta - eta_t * lambda * theta - eta_t * m^ / (sqrt(v^) + epsilon)

    (I. Loshchilov, F. Hutter: Decoupled Weight Decay Regularization, arXiv 1711.05101, algorithm 2, with one of
    two schedules.) All trainable variables decay.

    Args:
        loss: float32 [].
        plan: has eta as learning_rate, lambda as weight_decay, and the schedule.
    """
    step = tf.compat.v1.train.get_global_step()
    rate = _learning_rate(tf.cast(step, tf.float32), plan)
    adam = tf.compat.v1.train.AdamOptimizer(rate)
    variables = tf.compat.v1.trainable_variables()
    # The gradient of an embedding consists of slices, one a use; the norm of the slices is not that of the gradient.
    dense = [tf.convert_to_tensor(gradient) for gradient in tf.gradients(loss, variables)]
    gradients, norm = tf.clip_by_global_norm(dense, CLIP_NORM)
    with tf.control_dependencies([*gradients, rate, tf.debugging.check_numerics(loss, _NOT_FINITE)]):
        decay = [variable.assign_sub(rate * plan.weight_decay * variable) for variable in variables]
    with tf.control_dependencies(decay):
        train_op = adam.apply_gradients(zip(gradients, variables, strict=True), step)
    return Update(train_op, norm)


def _learning_rate(step: tf.Tensor, plan: TrainingPlan) -> tf.Tensor:
    """eta_t, float32 []."""
    progress = step / plan.max_steps
    rate = plan.learning_rate * (1 - progress if plan.schedule == "linear" else (1 + tf.cos(math.pi * progress)) / 2)
    return rate * tf.minimum(1.0, (step + 1) / plan.warmup) if plan.warmup else rate


def read_diverged_loss(error: tf.errors.InvalidArgumentError) -> float | None:
    """Return the loss, NaN or infinity, that ended a step with this error, or None if the error is another one."""
    found = re.search(f"{_NOT_FINITE} : Tensor had (.*) values", error.message)
    if found is None:
        return None
    return math.nan if "NaN" in found[1] else math.inf
