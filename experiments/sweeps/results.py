"""Shows a sweep: a line for each run as it ends, the table, the best configuration and the runs without a result."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import TextIO

from tabulate import tabulate
from tqdm import tqdm

from core.network.tasks import TASKS, Task
from experiments.recording.outcome import result_of, validation_of
from experiments.sweeps.grid import Values
from observers.stored_runs.stored_run import StoredRun


@dataclass(frozen=True)
class RunResult:
    """A run of a sweep that has ended, or that is stored already.

    Attributes:
        values: the config entries that the sweep sets.
        run: the stored run, None if nothing is recorded.
        error: why the run failed or is not finished; None if it completed or diverged.
        stderr: what it printed on standard error.
    """

    values: Values
    run: StoredRun | None
    error: str | None = None
    stderr: str = ""

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
    def measure(self) -> str:
        """What the result measures, in words."""
        return self.task.result.replace("_", " ") if self.task is not None else "result"

    @property
    def location(self) -> Path | str:
        """The directory of the run."""
        return self.run.directory if self.run is not None else "-"

    @property
    def summary(self) -> str:
        """The result with its measure, or why there is none."""
        if self.error is not None:
            return self.error
        if self.value is None:
            return self.run.status if self.run is not None else ""
        return f"{self.measure} {self.value:.4g}"


class ResultPrinter:
    """Prints a line for each run as it ends, and a progress bar on a terminal."""

    def __init__(self, total: int, varied: Sequence[str]) -> None:
        """Print the results of `total` runs that differ in the `varied` config entries."""
        self._varied = varied
        self._total = total
        self._count = 0
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm(
                total=total,
                leave=False,
                dynamic_ncols=True,
                mininterval=0,
                smoothing=0.1,
                bar_format="{percentage:3.0f}% {bar} {n_fmt}/{total_fmt} runs, {remaining} left",
            )

    def add(self, result: RunResult) -> None:
        """Print a run that has ended."""
        self._count += 1
        place = f"{self._count:>{len(str(self._total))}}/{self._total}"
        self._print(f"{place}  {_line(result, self._varied)}", sys.stdout)
        for warning in result.stderr.splitlines() if result.error is None else ():
            self._print(f"{result.location}: {warning}", sys.stderr)
        if self._bar is not None:
            self._bar.update()

    def close(self) -> None:
        """Remove the progress bar."""
        if self._bar is not None:
            self._bar.close()

    def _print(self, line: str, stream: TextIO) -> None:
        if self._bar is None:
            print(line, file=stream, flush=True)
        else:
            self._bar.write(line, file=stream)


def format_table(results: Sequence[RunResult], varied: Sequence[str]) -> str:
    """Format a table with a row for each combination of the varied entries; seeds share a row.

    Args:
        results: all runs, in the order of the sweep.
        varied: the config entries that vary.
    """
    known = [result for result in results if result.value is not None]
    if not known:
        return "no run has a result"
    names, groups = _without_seeds(varied), _fold_seeds(known, varied)
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
    known = [result for result in results if result.value is not None and result.validation is not None]
    task = known[0].task if known else None
    groups = _fold_seeds(known, varied)
    if task is None or any(result.task is not task for result in known) or len(groups) < 2:
        return ""
    medians = {key: median(result.validation or 0.0 for result in group) for key, group in groups.items()}
    best = task.best(medians.values(), lambda validation: validation)
    equals = [
        f"{_label(group[0], _without_seeds(varied))} (test {median(result.value or 0.0 for result in group):.4g})"
        for key, group in groups.items()
        if medians[key] == best
    ]
    of_seeds = "median " if any(len(group) > 1 for group in groups.values()) else ""
    return f"best by validation, {of_seeds}{known[0].measure} {best:.4g}: {', '.join(equals)}"


def format_missing(results: Sequence[RunResult], varied: Sequence[str]) -> str:
    """Format a list of the runs without a result and the reasons; empty if every run has one."""
    missing = [result for result in results if result.value is None]
    lines = [
        f"  {_label(result, varied)}: {result.summary}{f'  {result.location}' if result.run is not None else ''}"
        for result in missing
    ]
    return "\n".join([f"without a result: {len(missing)}", *lines]) if missing else ""


def _line(result: RunResult, varied: Sequence[str]) -> str:
    return f"{_label(result, varied)}  {result.summary}  {result.location}"


def _label(result: RunResult, varied: Sequence[str]) -> str:
    """Format the config entries that tell a run from the others."""
    return " ".join(f"{name}={result.values[name]}" for name in varied if name in result.values) or "the only run"


def _without_seeds(varied: Sequence[str]) -> list[str]:
    return [name for name in varied if name != "seed"]


def _fold_seeds(results: Sequence[RunResult], varied: Sequence[str]) -> dict[tuple[str, ...], list[RunResult]]:
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
