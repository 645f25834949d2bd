"""Chooses the best of a training's validations, and says when no better one is to be expected."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """What a selection knows.

    Attributes:
        best: the measure, by sign, and the loss of the best evaluation; less is better.
        best_step: its step, -1 before the first.
        improved_step: the last step at which the measure improved.
    """

    best: tuple[float, float] = (math.inf, math.inf)
    best_step: int = -1
    improved_step: int = 0


class Selection:
    """Decides which evaluation was the best, and when no better one is to be expected.

    Attributes:
        progress: what it knows by now.
    """

    def __init__(
        self, measure: str, *, higher_is_better: bool, patience: int, progress: Progress | None = None
    ) -> None:
        """Compare evaluations by a measure, those equal in it by their loss.

        Args:
            measure: its name.
            higher_is_better: whether more of it is better.
            patience: for how many steps the measure may fail to improve before training stops.
            progress: of the training that this one goes on with.
        """
        self._measure = measure
        self._sign = -1.0 if higher_is_better else 1.0
        self._patience = patience
        self.progress = progress or Progress()

    @property
    def best_step(self) -> int:
        """The step of the best evaluation so far, -1 before the first."""
        return self.progress.best_step

    def offer(self, step: int, measures: Mapping[str, float]) -> None:
        """Take note of an evaluation; one that is not finite is never the best."""
        rank = (self._sign * measures[self._measure], measures["loss"])
        if not all(map(math.isfinite, rank)) or rank >= tuple(self.progress.best):
            return
        improved = rank[0] < self.progress.best[0]
        self.progress = Progress(rank, step, step if improved else self.progress.improved_step)

    def exhausted(self, step: int) -> bool:
        """Tell whether patience is over at this step."""
        return step - self.progress.improved_step >= self._patience
