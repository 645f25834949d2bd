"""The answers of a network to number words, beside the right ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.data.draw import Integers
from core.network.tasks import Task


@dataclass(frozen=True)
class Answered:
    """The answers of a network to number words.

    Attributes:
        task: what was asked.
        numbers: int64 [examples].
        words: of the numbers.
        answers: integers or floats [examples].
        probability: of class 1, or of the answer, float32 [examples]; None if the head gives none.
    """

    task: Task
    numbers: Integers
    words: Sequence[str]
    answers: npt.NDArray
    probability: npt.NDArray | None

    @property
    def is_class(self) -> bool:
        """Whether an answer is a class, 0 or 1, and not a number."""
        return self.task.result == "accuracy"

    @cached_property
    def labels(self) -> npt.NDArray:
        """The right answers, [examples]."""
        return self.task.label(self.numbers)

    @cached_property
    def right(self) -> npt.NDArray[np.bool_]:
        """Which answers are right, [examples]."""
        return self.task.is_right(self.answers, self.numbers)

    @cached_property
    def missed(self) -> npt.NDArray[np.int64]:
        """The indices of the wrong answers, the worst first: the most confident, or the largest error."""
        [wrong] = np.nonzero(~self.right)
        badness = self.errors[wrong]
        if self.is_class and self.probability is not None:
            badness = np.abs(self.probability[wrong] - 0.5)
        return wrong[np.argsort(-np.nan_to_num(badness, nan=np.inf), kind="stable")]

    @cached_property
    def errors(self) -> npt.NDArray[np.float64]:
        """The distance of each answer from the right one, float64 [examples]."""
        return np.abs(self.answers.astype(np.float64) - self.labels)

    def name(self, answer: int) -> str:
        """Return the name of a class, such as `even`."""
        return self.task.classes[answer] if answer < len(self.task.classes) else str(answer)
