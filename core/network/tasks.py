"""The tasks: what is asked of a number word, its label, its heads and its result.

A task is one entry in TASKS. This module needs no TensorFlow, so that the command line answers at once.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.data.draw import Integers

T = TypeVar("T")

VALUE_HEADS = ("linear", "nac", "nalu", "inalu", "nau", "nmu", "codebook", "product")
"""The heads that learn from the value of a number alone."""

PENALTY_HEADS = ("places", "inalu", "nau", "nmu", "codebook", "product")
"""The heads that have a regularizer."""


@dataclasses.dataclass(frozen=True)
class Task:
    """A question about the number behind a word.

    Attributes:
        name: of the task, of its label and of its answer.
        label: numbers int64 [examples] -> the right answers [examples].
        heads: the names of its heads, entries of core.network.heads.registry.HEADS; the first is the default.
        answers: the column titles of a table: of the answer, by the name of the task, and of its `probability`.
        result: the measure that is the result of a run.
        higher_is_better: whether a larger result is better.
        classes: the names of the answers 0, 1, ..., if they have any.
    """

    name: str
    label: Callable[[Integers], npt.NDArray]
    heads: tuple[str, ...]
    answers: Mapping[str, str]
    result: str
    higher_is_better: bool
    classes: tuple[str, ...] = ()

    def labels(self, numbers: Integers) -> Mapping[str, npt.NDArray]:
        """Return the labels of numbers as an input function takes them, by the name of the task."""
        return {self.name: self.label(numbers)}

    def is_right(self, answers: npt.NDArray, numbers: Integers) -> npt.NDArray[np.bool_]:
        """Tell which answers, rounded to whole numbers, are right: bool [examples]."""
        labels = self.label(numbers)
        if not np.issubdtype(answers.dtype, np.floating):
            return answers == labels
        rounded = np.rint(answers.astype(np.float64))
        in_range = np.abs(rounded) < 2.0**63  # neither infinite nor nan
        return np.where(in_range, rounded, -1).astype(np.int64) == labels

    def rank(self, result: float) -> float:
        """Return the sort key of a result: the best result has the smallest key. The key of a key is the result."""
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


def _number_label(numbers: Integers) -> Integers:
    """The number itself."""
    return numbers


_PARITY = Task(
    name="parity",
    label=_parity_label,
    heads=("softmax",),
    answers={"parity": "parity (1 even, 0 odd)", "probability": "probability of even"},
    result="accuracy",
    higher_is_better=True,
    classes=("odd", "even"),
)

_NUMBER = Task(
    name="number",
    label=_number_label,
    heads=("places", "digits", *VALUE_HEADS),
    answers={"number": "number", "probability": "probability"},
    result="mean_absolute_error",
    higher_is_better=False,
)

TASKS: Mapping[str, Task] = {task.name: task for task in (_PARITY, _NUMBER)}
