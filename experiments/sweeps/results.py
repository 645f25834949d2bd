"""Shows the results of a sweep: the table, the best configuration, and the runs without a result."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

from tabulate import tabulate

from core.network.tasks import TASKS, Task
from experiments.recording.outcome import result_of, validation_of
from experiments.sweeps.planning.grid import Values
from observers.stored_runs.stored_run import StoredRun


@dataclass(frozen=True)
class RunResult:
    """A run of a sweep that has ended, or that is stored already.

    Attributes:
        values: the config entries that the sweep sets.
        run: the stored run, None if nothing is recorded.
        error: why the run failed or is not finished; None if it completed, diverged or was pruned.
        stderr: what it printed on standard error.
        place: where the run is, if its directory is not to be seen from here.
        goes_on: whether another process has it, which is no failure.
    """

    values: Values
    run: StoredRun | None
    error: str | None = None
    stderr: str = ""
    place: str = ""
    goes_on: bool = False

    @property
    def value(self) -> float | None:
        """The recorded result, None if there is none."""
        return result_of(self.run) if self.run is not None else None

    @cached_property
    def validation(self) -> float | None:
        """The validation that chose the network, None if there is none."""
        return validation_of(self.run) if self.run is not None else None

    @property
    def task(self) -> Task | None:
        """The task of the run, None if it is unknown."""
        return TASKS.get(self.run.config.get("task", "")) if self.run is not None else None

    @property
    def is_measured(self) -> bool:
        """Whether the run has a result and the validation that chose its network."""
        return self.value is not None and self.validation is not None

    @property
    def is_diverged(self) -> bool:
        """Whether the loss was no longer finite, which is the worst outcome of a seed."""
        return self.run is not None and self.run.status == "DIVERGED"

    @property
    def is_pruned(self) -> bool:
        """Whether a search has ended the run early."""
        return self.run is not None and self.run.status == "PRUNED"

    @property
    def chosen_by(self) -> float:
        """The validation, of a diverged run the worst there is."""
        return self._worst if self.is_diverged or self.validation is None else self.validation

    @property
    def reported(self) -> float:
        """The result, of a diverged run the worst there is."""
        return self._worst if self.is_diverged or self.value is None else self.value

    @property
    def _worst(self) -> float:
        return 0.0 if self.task is not None and self.task.rank(1.0) < 0 else math.inf

    @property
    def measure(self) -> str:
        """What the result measures, in words."""
        return self.task.result.replace("_", " ") if self.task is not None else "result"

    @property
    def location(self) -> Path | str:
        """The directory of the run, or what tells where it is."""
        return self.place or (self.run.directory if self.run is not None else "-")

    @property
    def summary(self) -> str:
        """The result with its measure, or why there is none."""
        if self.error is not None:
            return self.error
        if self.run is not None and self.is_pruned:
            return _describe_pruning(self.run, self.measure)
        if self.value is None:
            return self.run.status if self.run is not None else ""
        return f"{self.measure} {self.value:.4g}"


def format_table(results: Sequence[RunResult], varied: Sequence[str]) -> str:
    """Format a table with a row for each combination of the varied entries; seeds share a row.

    Args:
        results: all runs, in the order of the sweep.
        varied: the config entries that vary.
    """
    known = [result for result in results if result.value is not None]
    if not known:
        return "no run has a result"
    names, groups = _without_seeds(varied), fold_seeds(known, varied)
    measures = {result.measure for result in known}
    measure = min(measures) if len(measures) == 1 else "result"
    if all(len(group) == 1 for group in groups.values()):
        headers = [*names, "validation", f"test {measure}", "run"]
        rows = [
            [*key, _validation([run]), f"{run.value:.4g}", str(run.location), run.measure]
            for key, [run] in groups.items()
        ]
    else:
        headers = [*names, "validation: median", f"test {measure}: median", "lowest", "highest", "runs"]
        rows = [[*key, _validation(group), *_spread(group), group[0].measure] for key, group in groups.items()]
    headers += ["measure"] * (len(measures) > 1)
    shown = [row[: len(headers)] for row in rows]
    return tabulate(shown, headers, tablefmt="plain", disable_numparse=True, stralign="right")


def format_best(results: Sequence[RunResult], varied: Sequence[str]) -> str:
    """Format a line for the configuration with the best median validation over its seeds, and name all equals.

    The line is empty if there is nothing to choose from, or if results are of several tasks.
    """
    known = [result for result in results if result.task is not None and (result.is_measured or result.is_diverged)]
    task = known[0].task if known else None
    groups = fold_seeds(known, varied)
    if task is None or any(result.task is not task for result in known) or len(groups) < 2:
        return ""
    medians = {key: median(result.chosen_by for result in group) for key, group in groups.items()}
    best = task.best(medians.values(), lambda validation: validation)
    equals = [
        f"{label(group[0], _without_seeds(varied))} (test {median(result.reported for result in group):.4g})"
        for key, group in groups.items()
        if medians[key] == best
    ]
    of_seeds = "median " if any(len(group) > 1 for group in groups.values()) else ""
    return f"best by validation, {of_seeds}{known[0].measure} {best:.4g}: {', '.join(equals)}"


def format_missing(results: Sequence[RunResult], varied: Sequence[str]) -> str:
    """Format a list of the runs without a result and the reasons; empty if every run has one or was pruned."""
    missing = [result for result in results if result.value is None and not result.is_pruned]
    lines = [
        f"  {label(result, varied)}: {result.summary}{f'  {result.location}' if result.run is not None else ''}"
        for result in missing
    ]
    return "\n".join([f"without a result: {len(missing)}", *lines]) if missing else ""


def label(result: RunResult, varied: Sequence[str]) -> str:
    """Format the config entries that tell a run from the others."""
    return " ".join(f"{name}={result.values[name]}" for name in varied if name in result.values) or "the only run"


def _describe_pruning(run: StoredRun, measure: str) -> str:
    step, validation = (run.info.get(name) for name in ("pruned_at_step", "pruned_validation"))
    known = isinstance(step, int) and isinstance(validation, int | float)
    return f"pruned at step {step}, validation {measure} {validation:.4g}" if known else "pruned"


def rank(configuration: Sequence[RunResult]) -> tuple[str, float]:
    """Return a key that sorts configurations by their median validation, the best first; those of a task together."""
    task, chosen_by = configuration[0].task, median(result.chosen_by for result in configuration)
    return ("", chosen_by) if task is None else (task.name, task.rank(chosen_by))


def _without_seeds(varied: Sequence[str]) -> list[str]:
    return [name for name in varied if name != "seed"]


def fold_seeds(results: Sequence[RunResult], varied: Sequence[str]) -> dict[tuple[str, ...], list[RunResult]]:
    """Group runs that differ in their seeds only, by the values of the other varied entries."""
    groups: dict[tuple[str, ...], list[RunResult]] = {}
    for result in results:
        key = tuple(str(result.values.get(name, "")) for name in _without_seeds(varied))
        groups.setdefault(key, []).append(result)
    return groups


def _validation(group: Sequence[RunResult]) -> str:
    """Format the median of the validations that chose the networks."""
    known = [result.validation for result in group if result.validation is not None]
    return f"{median(known):.4g}" if known else "-"


def _spread(group: Sequence[RunResult]) -> list[str]:
    values = [result.value or 0.0 for result in group]
    return [f"{median(values):.4g}", f"{min(values):.4g}", f"{max(values):.4g}", str(len(group))]
