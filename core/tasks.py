"""What is asked of a number word: label, heads, loss and measures of each task.

A task is one entry in TASKS. Its functions import TensorFlow when they are called and not before: the command
line asks this module for names only, and answers at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.draw import Integers

if TYPE_CHECKING:
    import tensorflow as tf

Head = Callable[["tf.Tensor", float], "tf.Tensor"]


@dataclass(frozen=True)
class Task:
    """A question about the number behind a word.

    Attributes:
        name: of the task and its label.
        label: numbers int64 [examples] -> the right answers [examples].
        heads: by name, the layers that may stand on the LSTM: from its state, float32 [batch, hidden], and the
            largest number that is learned, to the outputs.
        predict: outputs -> answers by name, each [batch].
        answers: by the same names, what they mean, for the head of a table.
        no_answer: by the same names, what is answered to a word that cannot be read.
        losses: (outputs, labels [batch], the largest number) -> float32 [batch], the loss of each example.
        measures: (outputs, labels [batch]) -> by name, a float [batch]; a measure is the mean over examples.
        result: the measure that a run is judged by.
        higher_is_better: whether more of that measure is better.
    """

    name: str
    label: Callable[[Integers], npt.NDArray]
    heads: Mapping[str, Head]
    predict: Callable[["tf.Tensor"], Mapping[str, "tf.Tensor"]]
    answers: Mapping[str, str]
    no_answer: Mapping[str, float]
    losses: Callable[["tf.Tensor", "tf.Tensor", float], "tf.Tensor"]
    measures: Callable[["tf.Tensor", "tf.Tensor"], Mapping[str, "tf.Tensor"]]
    result: str
    higher_is_better: bool


def _parity_label(numbers: Integers) -> npt.NDArray[np.int32]:
    """1 for an even number, 0 for an odd one."""
    return (1 - numbers % 2).astype(np.int32)


def _two_logits(state: "tf.Tensor", largest: float) -> "tf.Tensor":
    """Logits of odd and even: float32 [batch, classes] from float32 [batch, hidden]."""
    import tensorflow as tf

    kernel = tf.compat.v1.get_variable(
        "logits/kernel", [state.shape[1], 2], initializer=tf.compat.v1.glorot_uniform_initializer()
    )
    bias = tf.compat.v1.get_variable("logits/bias", [2], initializer=tf.compat.v1.zeros_initializer())
    return tf.matmul(state, kernel) + bias


def _parity_predict(logits: "tf.Tensor") -> Mapping[str, "tf.Tensor"]:
    """`parity`, int32, and `probability`, float32, that the number is even."""
    import tensorflow as tf

    return {
        "parity": tf.argmax(logits, axis=1, output_type=tf.int32),
        "probability": tf.nn.softmax(logits)[:, 1],
    }


def _parity_losses(logits: "tf.Tensor", labels: "tf.Tensor", largest: float) -> "tf.Tensor":
    """Cross-entropy in nats."""
    import tensorflow as tf

    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def _parity_measures(logits: "tf.Tensor", labels: "tf.Tensor") -> Mapping[str, "tf.Tensor"]:
    import tensorflow as tf

    right = tf.equal(_parity_predict(logits)["parity"], labels)
    return {"accuracy": tf.cast(right, tf.float32)}


_PARITY = Task(
    name="parity",
    label=_parity_label,
    heads={"softmax": _two_logits},
    predict=_parity_predict,
    answers={"parity": "parity (1 even, 0 odd)", "probability": "probability of even"},
    no_answer={"parity": -1, "probability": -1.0},
    losses=_parity_losses,
    measures=_parity_measures,
    result="accuracy",
    higher_is_better=True,
)


def _number_label(numbers: Integers) -> Integers:
    """The number itself."""
    return numbers


def _linear(state: "tf.Tensor", largest: float) -> "tf.Tensor":
    """Largest * (w h + b): float32 [batch]."""
    import tensorflow as tf

    weights = tf.compat.v1.get_variable(
        "linear/kernel", [state.shape[1], 1], initializer=tf.compat.v1.glorot_uniform_initializer()
    )
    bias = tf.compat.v1.get_variable("linear/bias", [1], initializer=tf.compat.v1.zeros_initializer())
    return largest * (tf.matmul(state, weights) + bias)[:, 0]


def _nac(state: "tf.Tensor", largest: float) -> "tf.Tensor":
    """Largest * NAC(h): float32 [batch].

    The entries of h and the weights are within (-1, 1): without the factor no sum of them comes near 999.
    """
    from core.arithmetic import nac

    return largest * nac(state, units=1)[:, 0]


def _nalu(state: "tf.Tensor", largest: float) -> "tf.Tensor":
    """Largest * NALU(h): float32 [batch]."""
    from core.arithmetic import nalu

    return largest * nalu(state, units=1)[:, 0]


def _number_losses(outputs: "tf.Tensor", labels: "tf.Tensor", largest: float) -> "tf.Tensor":
    """The absolute error, in units of the largest number."""
    import tensorflow as tf

    return tf.abs(outputs - tf.cast(labels, tf.float32)) / largest


def _number_measures(outputs: "tf.Tensor", labels: "tf.Tensor") -> Mapping[str, "tf.Tensor"]:
    """Absolute error, whether the rounded answer is right, and error relative to the number, that of 0 to 1."""
    import tensorflow as tf

    answers, numbers = tf.cast(outputs, tf.float64), tf.cast(labels, tf.float64)
    errors = tf.abs(answers - numbers)
    return {
        "mean_absolute_error": errors,
        "exact": tf.cast(tf.equal(tf.cast(tf.round(answers), tf.int64), labels), tf.float64),
        "relative_error": errors / tf.maximum(numbers, 1.0),
    }


_NUMBER = Task(
    name="number",
    label=_number_label,
    heads={"linear": _linear, "nac": _nac, "nalu": _nalu},
    predict=lambda outputs: {"number": outputs},
    answers={"number": "number"},
    no_answer={"number": -1.0},
    losses=_number_losses,
    measures=_number_measures,
    result="mean_absolute_error",
    higher_is_better=False,
)

TASKS: Mapping[str, Task] = {task.name: task for task in (_PARITY, _NUMBER)}
