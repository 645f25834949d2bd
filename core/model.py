"""Builds the model_fn: what each mode of the Estimator needs, and nothing else.

Whoever wants to watch a graph finds its measures published (`core.published`): `loss`, `accuracy` and so on.
(The Estimator's own `loss` of an evaluation, that of the test in TensorBoard, is the mean over batches, whatever their
size; as in its canned models the mean over examples is called `average_loss` there. Up to EVALUATION_BATCH examples
are one batch, and the two are the same.)
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from core.encoder import encode_word
from core.optimizer import minimize
from core.published import publish
from core.tasks import Head, Task

ModelFn = Callable[..., tf.estimator.EstimatorSpec]

CLIP_NORM = 1.0


def make_model_fn(
    *,
    task: Task,
    head: Head,
    alphabet_size: int,
    embedding: int,
    hidden: int,
    largest: float,
    learning_rate: float,
    weight_decay: float,
    max_steps: int,
    parts: int = 1,
) -> ModelFn:
    """Make the model_fn of a task.

    Args:
        task: what is asked of the number.
        head: one of the task's heads.
        alphabet_size: how many character ids there are.
        embedding: features of a character.
        hidden: units of the LSTM.
        largest: the largest number that is learned.
        learning_rate: of AdamW at the first step, from where it falls in a line to 0 at max_steps.
        weight_decay: of AdamW, decoupled.
        max_steps: the last step of training.
        parts: of a training batch, each read by itself (`core.encoder.parts_of_batch`).
    """

    def model_fn(
        features: Mapping[str, tf.Tensor], labels: Mapping[str, tf.Tensor], mode: str
    ) -> tf.estimator.EstimatorSpec:
        with tf.compat.v1.variable_scope(tf.compat.v1.get_variable_scope(), custom_getter=_begin_by_name):
            state = encode_word(
                features["characters"],
                features["lengths"],
                alphabet_size=alphabet_size,
                embedding=embedding,
                hidden=hidden,
                parts=parts if mode == tf.estimator.ModeKeys.TRAIN else 1,
            )
            outputs = head(state, largest)
        if mode == tf.estimator.ModeKeys.PREDICT:
            answers = _answers(task, outputs, features["readable"])
            return tf.estimator.EstimatorSpec(mode, predictions=answers)

        losses = task.losses(outputs, labels[task.name], largest)
        loss = tf.reduce_mean(losses)
        measures = task.measures(outputs, labels[task.name])
        if mode == tf.estimator.ModeKeys.EVAL:
            average_loss = _mean("loss", losses)
            means = {name: _mean(name, values) for name, values in measures.items()}
            publish(mode, {"loss": average_loss[0], **{name: mean for name, (mean, _) in means.items()}})
            return tf.estimator.EstimatorSpec(mode, loss=loss, eval_metric_ops={"average_loss": average_loss, **means})

        update = minimize(
            loss,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            clip_norm=CLIP_NORM,
            max_steps=max_steps,
        )
        batch = {name: tf.reduce_mean(values) for name, values in measures.items()}
        publish(mode, {"loss": loss, **batch, "gradient_norm": update.gradient_norm})
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=update.train_op)

    return model_fn


def _begin_by_name(getter: Callable[..., Any], name: str, *args: Any, **kwargs: Any) -> Any:
    """Draw the initial weights by the seed of the graph and their name.

    TensorFlow draws by the place in the graph instead: what comes before, such as one more level of the longest word,
    would have all that follows begin otherwise.
    """
    if initializer := kwargs.get("initializer"):
        config = initializer.get_config()
        if "seed" in config:
            kwargs["initializer"] = initializer.from_config({**config, "seed": zlib.crc32(name.encode())})
    return getter(name, *args, **kwargs)


def _answers(task: Task, outputs: tf.Tensor, readable: tf.Tensor) -> dict[str, tf.Tensor]:
    """Answer what is readable, int32 [batch], and put the task's value for no answer in the place of the rest."""
    answers = {
        name: tf.where(tf.cast(readable, tf.bool), answer, tf.cast(task.no_answer[name], answer.dtype))
        for name, answer in task.predict(outputs).items()
    }
    return {**answers, "readable": readable}


def _mean(name: str, values: tf.Tensor) -> tuple[tf.Tensor, tf.Operation]:
    """Build the mean over all batches of values [batch]: float64 [], and the operation that takes a batch in.

    TensorFlow's own metric sums in float32, which turns 199 of 200 into 0.9950000047683716, and is at its end with
    sums of large numbers.
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
    take_in = tf.group(
        total.assign_add(tf.reduce_sum(tf.cast(values, tf.float64))),
        count.assign_add(tf.cast(tf.size(values), tf.float64)),
    )
    return tf.math.divide_no_nan(total, count), take_in
