"""Builds the model_fn: what each mode of the Estimator needs, and nothing else.

The measures of a graph, `loss`, `accuracy` and so on, are in its graph collections (core.network.graph_collections).
The loss includes the penalty of the head, in evaluations of a network in training also before its first step.
The Estimator's own `loss` of an evaluation is the mean over batches, whatever their sizes, and recorded nowhere. The
mean over examples, `loss` in the collections, is called `average_loss` among its metrics, as in its canned models.
"""

from collections.abc import Callable, Mapping

import tensorflow as tf

from core.network.architecture import Architecture
from core.network.graph_collections import PENALTY, add_tensors, get_tensors
from core.network.heads.objectives import LOG_VALUE, VALUE
from core.network.heads.registry import HEADS
from core.network.network import build_outputs
from core.network.states.encoder import parts_of_batch
from core.training.optimizer import minimize
from core.training.plan import TrainingPlan

ModelFn = Callable[..., tf.estimator.EstimatorSpec]

_MODES = tf.estimator.ModeKeys


def make_model_fn(architecture: Architecture, plan: TrainingPlan | None = None) -> ModelFn:
    """Make the model_fn of a task.

    Args:
        architecture: of the network.
        plan: of its training; None makes a model_fn that evaluates and predicts only.

    Raises:
        ValueError: if the plan has log_loss and the head does not learn from the value.
    """
    task, objective = architecture.task, HEADS[architecture.head].objective
    if plan is not None and plan.log_loss:
        if objective is not VALUE:
            raise ValueError(f"log_loss=True: the head {architecture.head} does not learn from the value")
        objective = LOG_VALUE

    def model_fn(
        features: Mapping[str, tf.Tensor], labels: Mapping[str, tf.Tensor], mode: str
    ) -> tf.estimator.EstimatorSpec:
        is_training = mode == _MODES.TRAIN
        parts = parts_of_batch(plan.batch_size, architecture.hidden) if plan is not None and is_training else 1
        outputs = build_outputs(features, architecture, parts=parts)
        if mode == _MODES.PREDICT:
            return tf.estimator.EstimatorSpec(
                mode, predictions=_answers(task.name, objective.predict(outputs), features["readable"])
            )

        losses = objective.losses(outputs, labels[task.name], architecture.largest)
        if plan is not None and plan.penalty:
            losses += plan.penalty * _penalty(plan, is_training=is_training)
        loss = tf.reduce_mean(losses)
        measures = objective.measures(outputs, labels[task.name])
        if mode == _MODES.EVAL:
            average_loss = _mean("loss", losses)
            means = {name: _mean(name, values) for name, values in measures.items()}
            add_tensors(mode, {"loss": average_loss[0], **{name: mean for name, (mean, _) in means.items()}})
            return tf.estimator.EstimatorSpec(mode, loss=loss, eval_metric_ops={"average_loss": average_loss, **means})

        if plan is None:
            raise ValueError("a network without a training plan cannot be trained")
        update = minimize(loss, plan)
        batch = {name: tf.reduce_mean(values) for name, values in measures.items()}
        add_tensors(mode, {"loss": loss, **batch, "gradient_norm": update.gradient_norm})
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=update.train_op)

    return model_fn


def _answers(name: str, answers: Mapping[str, tf.Tensor], readable: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return the answers to readable words, readable int32 [batch], and -1 to the others.

    The answer itself has the name of the task.
    """
    named = {name if key == "answer" else key: values for key, values in answers.items()}
    is_readable = tf.cast(readable, tf.bool)
    return {
        **{key: tf.where(is_readable, values, tf.cast(-1, values.dtype)) for key, values in named.items()},
        "readable": readable,
    }


def _penalty(plan: TrainingPlan, *, is_training: bool) -> tf.Tensor:
    """Sum the regularizers of the network; 0 in the steps of training in which they do not count yet."""
    total = tf.convert_to_tensor(sum(get_tensors(PENALTY).values()), tf.float32)
    if not is_training or not plan.penalty_start:
        return total
    counts = tf.compat.v1.train.get_or_create_global_step() >= plan.penalty_start
    return tf.where(counts, total, 0.0)


def _mean(name: str, values: tf.Tensor) -> tuple[tf.Tensor, tf.Operation]:
    """Build the mean of values [batch] over all batches: float64 [], and the operation that adds a batch.

    TensorFlow's own metric sums in float32. It turns 199 of 200 into 0.9950000047683716, and loses the last digits of
    large sums.
    """
    total, count = (
        tf.compat.v1.get_variable(
            f"measures/{name}/{part}",
            [],
            tf.float64,
            initializer=tf.compat.v1.zeros_initializer(),
            trainable=False,
            collections=[tf.compat.v1.GraphKeys.LOCAL_VARIABLES],
        )
        for part in ("total", "count")
    )
    add_batch = tf.group(
        total.assign_add(tf.reduce_sum(tf.cast(values, tf.float64))),
        count.assign_add(tf.cast(tf.size(values), tf.float64)),
    )
    return tf.math.divide_no_nan(total, count), add_batch
