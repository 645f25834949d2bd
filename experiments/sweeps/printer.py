"""Prints the runs of a sweep as they end, and a progress bar."""

import sys
from collections.abc import Sequence
from typing import TextIO

from tqdm import tqdm

from experiments.sweeps.results import RunResult, label


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


def _line(result: RunResult, varied: Sequence[str]) -> str:
    return f"{label(result, varied)}  {result.summary}  {result.location}"
