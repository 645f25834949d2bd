"""Prints the runs of a sweep as they end, a progress bar, and the results; on a terminal, not more than one reads."""

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from tqdm import tqdm

from experiments.sweeps.results import RunResult, fold_seeds, format_best, format_missing, format_table, label, rank

MOST_ON_TERMINAL = 40
"""Lines of a list, and rows of a table, that are shown on a terminal; anything else gets all."""

_ALL = "to see all, repeat the command with | less"


class ResultPrinter:
    """Prints a line for each run as it ends, and a progress bar on a terminal."""

    def __init__(self, total: int, varied: Sequence[str]) -> None:
        """Print the results of `total` runs that differ in the `varied` config entries."""
        self._varied = varied
        self._total = total
        self._count = 0
        self._warnings: set[str] = set()
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
        """Print a run that has ended, and its warnings but those that an earlier run has given already."""
        self._count += 1
        place = f"{self._count:>{len(str(self._total))}}/{self._total}"
        self._print(f"{place}  {_line(result, self._varied)}", sys.stdout)
        for warning in result.stderr.splitlines() if result.error is None else ():
            if warning not in self._warnings:
                self._warnings.add(warning)
                self._print(f"{result.location}: {warning}", sys.stderr)
        if self._bar is not None:
            self._bar.update()

    def note(self, line: str) -> None:
        """Print a line about the sweep as a whole."""
        self._print(line, sys.stderr)

    def close(self) -> None:
        """Remove the progress bar."""
        if self._bar is not None:
            self._bar.close()

    def _print(self, line: str, stream: TextIO) -> None:
        if self._bar is None:
            print(line, file=stream, flush=True)
        else:
            self._bar.write(line, file=stream)


def print_results(results: Sequence[RunResult], varied: Sequence[str], *, is_complete: bool) -> None:
    """Print the table of results, the best configuration, and the runs without a result if the sweep is complete.

    On a terminal, a long table has the best configurations only, the best first, and a long list ends early.
    """
    configurations = list(fold_seeds([result for result in results if result.value is not None], varied).values())
    is_long = len(configurations) > MOST_ON_TERMINAL and sys.stdout.isatty()
    best = sorted(configurations, key=rank)[:MOST_ON_TERMINAL]
    shown = [result for group in best for result in group] if is_long else results
    print(f"\n{format_table(shown, varied)}")
    if is_long:
        print(f"... the best {MOST_ON_TERMINAL} of {len(configurations)} by validation; {_ALL}")
    if len(results) > 1 and (line := format_best(results, varied)):
        print(line)
    if is_complete and (missing := format_missing(results, varied)):
        print()
        print_lines(missing.splitlines())


def print_lines(lines: Iterable[str]) -> None:
    """Print lines; on a terminal, not more than anybody would read."""
    printed = list(lines)
    most = MOST_ON_TERMINAL if sys.stdout.isatty() else len(printed)
    for line in printed[:most]:
        print(line)
    if len(printed) > most:
        print(f"  ... and {len(printed) - most} more; {_ALL}")


def _line(result: RunResult, varied: Sequence[str]) -> str:
    return f"{label(result, varied)}  {result.summary}  {result.location}"
