"""Selects the best validation of a training, and decides when its patience is exhausted."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.network.tasks import Task


@dataclass(frozen=True)
class SelectionState:
    """What a selection has seen so far.

    Attributes:
        best: the rank of the result, and the loss, of the best validation; less is better.
        best_step: its step, -1 before the first validation.
    """

    best: tuple[float, float] = (math.inf, math.inf)
    best_step: int = -1


class Selection:
    """Selects the best validation by the result measure of the task, and by the loss among equals.

    The same validation decides which checkpoint is kept and from which step patience counts.

    Attributes:
        state: what it has seen so far.
    """

    def __init__(self, task: Task, *, patience: int, state: SelectionState | None = None) -> None:
        """Compare validations of a task.

        Args:
            task: has the measure, and whether more of it is better.
            patience: steps without a better validation after which training stops.
            state: of the training that this one resumes.
        """
        self._task = task
        self._patience = patience
        self.state = state or SelectionState()

    @property
    def best_step(self) -> int:
        """The step of the best validation so far, -1 before the first."""
        return self.state.best_step

    @property
    def best_result(self) -> float:
        """The result of the best validation so far."""
        return self._task.rank(self.state.best[0])  # its own inverse

    def add(self, step: int, measures: Mapping[str, float]) -> None:
        """Add a validation; one that is not finite is never the best."""
        rank = (self._task.rank(measures[self._task.result]), measures["loss"])
        if not all(map(math.isfinite, rank)) or rank >= self.state.best:
            return
        self.state = SelectionState(rank, step)

    def exhausted(self, step: int) -> bool:
        """Tell whether patience is exhausted at this step."""
        return step - max(self.state.best_step, 0) >= self._patience
