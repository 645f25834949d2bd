"""Shows how a sweep goes, a line a run, and its results as a table."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TextIO

from tqdm import tqdm

from core.tasks import TASKS
from experiments.grid import Values
from observers.stored_runs import StoredRun


@dataclass(frozen=True)
class Score:
    """What came out of a run of a sweep.

    Attributes:
        values: the config entries that the sweep gave it.
        run: as it is stored; None when there is nothing of it.
        trouble: why it has no result, None when it has one.
        said: what it printed on standard error.
    """

    values: Values
    run: StoredRun | None
    trouble: str | None
    said: str = ""

    @property
    def result(self) -> float | None:
        """The result of the run, None when it has none."""
        result = self.run.entry.get("result") if self.run is not None else None
        return result if isinstance(result, int | float) else None

    @property
    def where(self) -> Path | str:
        """The directory of the run."""
        return self.run.directory if self.run is not None else "-"


class Scoreboard:
    """Tells of runs as they end; on a terminal also how far the sweep is."""

    def __init__(self, total: int, varied: Sequence[str]) -> None:
        """Tell of so many runs that differ in some config entries."""
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

    def add(self, score: Score) -> None:
        """Tell of a run that has ended."""
        self._count += 1
        place = f"{self._count:>{len(str(self._total))}}/{self._total}"
        line = f"{place}  {described(score.values, self._varied)}  {outcome(score)}  {score.where}"
        self._write(line, sys.stdout)
        for warning in score.said.splitlines() if score.trouble is None else ():
            self._write(f"{score.where}: {warning}", sys.stderr)
        if self._bar is not None:
            self._bar.update()

    def _write(self, line: str, stream: TextIO) -> None:
        if self._bar is None:
            print(line, file=stream, flush=True)
        else:
            self._bar.write(line, file=stream)

    def close(self) -> None:
        """Say no more."""
        if self._bar is not None:
            self._bar.close()


def described(values: Values, varied: Sequence[str]) -> str:
    """Write the config entries that vary."""
    return " ".join(f"{name}={values[name]}" for name in varied if name in values) or "the one run"


def table(scores: Sequence[Score], varied: Sequence[str]) -> str:
    """Lay results out, a row for each combination of what varies, the seeds together.

    Args:
        scores: of all runs, in the order of the sweep.
        varied: the config entries that vary.
    """
    known = _known(scores)
    if not known:
        return "no run has a result"
    names = [name for name in varied if name != "seed"]
    groups: dict[tuple[str, ...], list[Score]] = {}
    for score in known:
        groups.setdefault(tuple(str(score.values.get(name, "")) for name in names), []).append(score)
    measure = _measure(known[0]).replace("_", " ")
    if all(len(group) == 1 for group in groups.values()):
        rows = [(*key, f"{group[0].result:.4g}", str(group[0].where)) for key, group in groups.items()]
        return _aligned([(*names, measure, "run"), *rows])
    rows = [(*key, *_spread([s.result or 0.0 for s in group]), str(len(group))) for key, group in groups.items()]
    return _aligned([(*names, f"{measure}: median", "least", "most", "runs"), *rows])


def best(scores: Sequence[Score], varied: Sequence[str]) -> str:
    """Name the best run, the first of several; nothing where no run has a result."""
    known = _known(scores)
    tasks = {score.run.config.get("task", "") for score in known if score.run is not None}
    if len(tasks) != 1 or not tasks <= TASKS.keys():
        return ""
    sign = -1 if TASKS[tasks.pop()].higher_is_better else 1
    first = min(known, key=lambda score: sign * (score.result or 0.0))
    return f"best: {described(first.values, varied)}  {outcome(first)}  {first.where}"


def _known(scores: Sequence[Score]) -> list[Score]:
    """Those that have a result."""
    return [score for score in scores if score.result is not None]


def _spread(results: Sequence[float]) -> tuple[str, str, str]:
    return f"{median(results):.4g}", f"{min(results):.4g}", f"{max(results):.4g}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _measure(score: Score) -> str:
    """The name of the result of a run."""
    task = TASKS.get(score.run.config.get("task", "")) if score.run is not None else None
    return task.result if task is not None else "result"


def outcome(score: Score) -> str:
    """The result of a run with the name of its measure, or why it has none."""
    if score.trouble is not None:
        return score.trouble
    status = score.run.status if score.run is not None else ""
    if score.result is None:
        return status
    return f"{_measure(score).replace('_', ' ')} {score.result:.4g}"
