"""The tasks: what is asked of a number word, with the label, heads, loss and measures of each question.

A task is one entry in TASKS. Its functions import TensorFlow when they are called, because the command line needs only
the names in this module and should answer at once.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from core.data.draw import Integers

if TYPE_CHECKING:
    import tensorflow as tf

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Task:
    """A question about the number behind a word.

    Attributes:
        name: of the task and its label.
        label: numbers int64 [examples] -> the right answers [examples].
        heads: the names of the heads that it can have, entries of core.network.heads.HEADS.
        predict: outputs -> answers by name, each [batch].
        answers: for the same names, what each answer means: the column titles of a table.
        no_answer: for the same names, the answer to a word that cannot be read.
        losses: (outputs, labels [batch], the largest number) -> the loss of each example, float32 [batch].
        measures: (outputs, labels [batch]) -> floats [batch] by name; a measure is the mean over examples.
        result: the measure that is the result of a run.
        higher_is_better: whether a larger result is better.
    """

    name: str
    label: Callable[[Integers], npt.NDArray]
    heads: tuple[str, ...]
    predict: Callable[["tf.Tensor"], Mapping[str, "tf.Tensor"]]
    answers: Mapping[str, str]
    no_answer: Mapping[str, float]
    losses: Callable[["tf.Tensor", "tf.Tensor", float], "tf.Tensor"]
    measures: Callable[["tf.Tensor", "tf.Tensor"], Mapping[str, "tf.Tensor"]]
    result: str
    higher_is_better: bool

    def labels(self, numbers: Integers) -> Mapping[str, npt.NDArray]:
        """Return the labels of numbers as an input function takes them, by the name of the task."""
        return {self.name: self.label(numbers)}

    def rank(self, result: float) -> float:
        """Return the sort key of a result: the best result has the smallest key."""
        return -result if self.higher_is_better else result

    def best(self, candidates: Iterable[T], result: Callable[[T], float]) -> T:
        """Return the candidate with the best result, the first one of equals.

        Raises:
            ValueError: if there is no candidate.
        """
        return min(candidates, key=lambda candidate: self.rank(result(candidate)))


def _parity_label(numbers: Integers) -> npt.NDArray[np.int32]:
    """1 for an even number, 0 for an odd one."""
    return (1 - numbers % 2).astype(np.int32)


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
    """`accuracy`, 1 for a right answer and 0 for a wrong one."""
    import tensorflow as tf

    right = tf.equal(_parity_predict(logits)["parity"], labels)
    return {"accuracy": tf.cast(right, tf.float32)}


_PARITY = Task(
    name="parity",
    label=_parity_label,
    heads=("softmax",),
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


def _number_losses(outputs: "tf.Tensor", labels: "tf.Tensor", largest: float) -> "tf.Tensor":
    """The absolute error, in units of the largest number."""
    import tensorflow as tf

    return tf.abs(outputs - tf.cast(labels, tf.float32)) / largest


def _number_measures(outputs: "tf.Tensor", labels: "tf.Tensor") -> Mapping[str, "tf.Tensor"]:
    """The absolute error, whether the rounded answer is right, and the error relative to the number (to 1 for 0)."""
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
    heads=("linear", "nac", "nalu"),
    predict=lambda outputs: {"number": outputs},
    answers={"number": "number"},
    no_answer={"number": -1.0},
    losses=_number_losses,
    measures=_number_measures,
    result="mean_absolute_error",
    higher_is_better=False,
)

TASKS: Mapping[str, Task] = {task.name: task for task in (_PARITY, _NUMBER)}
