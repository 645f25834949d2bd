"""The objectives of the heads: what the outputs of a head mean, and what it learns from.

CLASSES learns from the right class, VALUE from the value of the number alone, DIGITS from its decimal digits.
LOG_VALUE is VALUE with another loss.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import tensorflow as tf

Tensors = Mapping[str, tf.Tensor]


@dataclass(frozen=True)
class Objective:
    """What the outputs of a head mean.

    Attributes:
        predict: outputs -> `answer`, [batch], and where the head knows it `probability`, float32 [batch].
        losses: (outputs, labels [batch], the largest number) -> the loss of each example, float32 [batch].
        measures: (outputs, labels [batch]) -> floats [batch] by name; a measure is the mean over examples.
    """

    predict: Callable[[tf.Tensor], Tensors]
    losses: Callable[[tf.Tensor, tf.Tensor, float], tf.Tensor]
    measures: Callable[[tf.Tensor, tf.Tensor], Tensors]


def _predict_class(logits: tf.Tensor) -> Tensors:
    """`answer`, int32, and `probability` of class 1."""
    return {
        "answer": tf.argmax(logits, axis=1, output_type=tf.int32),
        "probability": tf.nn.softmax(logits)[:, 1],
    }


def _class_losses(logits: tf.Tensor, labels: tf.Tensor, largest: float) -> tf.Tensor:
    """Cross-entropy in nats."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def _class_measures(logits: tf.Tensor, labels: tf.Tensor) -> Tensors:
    """`accuracy`, 1 for a right answer and 0 for a wrong one."""
    return {"accuracy": tf.cast(tf.equal(_predict_class(logits)["answer"], labels), tf.float32)}


def _value_losses(values: tf.Tensor, labels: tf.Tensor, largest: float) -> tf.Tensor:
    """The absolute error, in units of the largest number."""
    return tf.abs(values - tf.cast(labels, tf.float32)) / largest


def _value_measures(values: tf.Tensor, labels: tf.Tensor) -> Tensors:
    """The absolute error, whether the rounded answer is right, and the error relative to the number (to 1 for 0)."""
    answers, numbers = tf.cast(values, tf.float64), tf.cast(labels, tf.float64)
    exact = tf.equal(tf.cast(tf.round(answers), tf.int64), labels) & tf.math.is_finite(answers)
    return _errors(tf.abs(answers - numbers), exact, numbers)


def _log_value_losses(values: tf.Tensor, labels: tf.Tensor, largest: float) -> tf.Tensor:
    """|sgn(y) log(1 + |y|) - log(1 + n)| + 10 |y - n| / largest.

    The logarithm weighs small numbers as much as large ones.
    """
    numbers = tf.cast(labels, tf.float32)
    logarithms = tf.sign(values) * tf.math.log1p(tf.abs(values))
    return tf.abs(logarithms - tf.math.log1p(numbers)) + 10 * tf.abs(values - numbers) / largest


def _predict_digits(log_probabilities: tf.Tensor) -> Tensors:
    """`answer`, int64, the number of the most probable digits, and their joint `probability`.

    The log-probabilities need not be normalized.
    """
    digits = tf.argmax(log_probabilities, axis=2)
    largest = tf.reduce_max(tf.nn.log_softmax(log_probabilities), axis=2)
    return {
        "answer": tf.reduce_sum(digits * _powers(log_probabilities), axis=1),
        "probability": tf.exp(tf.reduce_sum(largest, axis=1)),
    }


def _digit_losses(log_probabilities: tf.Tensor, labels: tf.Tensor, largest: float) -> tf.Tensor:
    """-sum_p log P_p(d_p), d_p the decimal digits of the label."""
    digits = tf.math.floormod(labels[:, tf.newaxis] // _powers(log_probabilities), 10)
    chosen = tf.gather(log_probabilities, digits[..., tf.newaxis], batch_dims=2)
    return -tf.reduce_sum(chosen[..., 0], axis=1)


def _digit_measures(log_probabilities: tf.Tensor, labels: tf.Tensor) -> Tensors:
    """The absolute error, whether the answer is right, and the error relative to the number (to 1 for 0)."""
    answers = _predict_digits(log_probabilities)["answer"]
    errors = tf.cast(tf.abs(answers - labels), tf.float64)
    return _errors(errors, tf.equal(answers, labels), tf.cast(labels, tf.float64))


def _errors(errors: tf.Tensor, exact: tf.Tensor, numbers: tf.Tensor) -> Tensors:
    return {
        "mean_absolute_error": errors,
        "exact": tf.cast(exact, tf.float64),
        "relative_error": errors / tf.maximum(numbers, 1.0),
    }


def _powers(outputs: tf.Tensor) -> tf.Tensor:
    """The values of the places, units first: int64 [places]."""
    return tf.constant([10**place for place in range(outputs.shape[1])], tf.int64)


CLASSES = Objective(_predict_class, _class_losses, _class_measures)
VALUE = Objective(lambda values: {"answer": values}, _value_losses, _value_measures)
LOG_VALUE = Objective(VALUE.predict, _log_value_losses, _value_measures)
DIGITS = Objective(_predict_digits, _digit_losses, _digit_measures)
