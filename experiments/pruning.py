"""Ends a training early, as PRUNED, if a search judges by its validations that other trainings are better."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sacred.utils import SacredInterrupt


class Judge(Protocol):
    """Decides after each validation whether a training goes on."""

    @property
    def record(self) -> Mapping[str, Any]:
        """What `info.search` of the run holds."""

    def rejects(self, step: int, value: float) -> bool:
        """Take the result measure on the validation words at a step, and tell whether the training shall end."""


class PrunedInterrupt(SacredInterrupt):
    """Ends a run that a search has pruned. Its points, its best network and its state are kept."""

    STATUS = "PRUNED"


class Pruning:
    """Asks a judge after each validation, and ends the training after the step that it rejects.

    The validation of the untrained network is not judged, and the last one ends no training: it is complete.
    """

    def __init__(self, judge: Judge | None, measure: str, info: dict[str, Any]) -> None:
        """Judge a training.

        Args:
            judge: None lets every training go on.
            measure: the result measure of the task, by which validations are compared.
            info: of the run; gets `search` at once, and `pruned_at_step` and `pruned_validation` at the end.
        """
        self._judge, self._measure, self._info = judge, measure, info
        self._rejected: tuple[int, float] | None = None
        if judge is not None:
            info["search"] = dict(judge.record)

    @property
    def is_judged(self) -> bool:
        """Whether there is a judge."""
        return self._judge is not None

    def judge(self, step: int, measures: Mapping[str, float]) -> None:
        """Ask about a validation: its step, and its measures by name."""
        if self._judge is not None and step > 0 and self._judge.rejects(step, measures[self._measure]):
            self._rejected = step, measures[self._measure]

    def end_if_rejected(self) -> None:
        """End the training if its last validation was rejected; call this where its state can be saved.

        Raises:
            PrunedInterrupt: it was.
        """
        if self._rejected is None:
            return
        step, value = self._rejected
        self._info.update(pruned_at_step=step, pruned_validation=value)
        measure = self._measure.replace("_", " ")
        print(f"Pruned at step {step}: other trials are better than validation {measure} {value:.4g}.")
        raise PrunedInterrupt(f"pruned at step {step}")


def in_turn(*functions: Callable[[], None]) -> Callable[[], None]:
    """Return a function that calls others one after the other."""

    def call() -> None:
        for function in functions:
            function()

    return call
