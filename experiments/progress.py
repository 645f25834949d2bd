"""Shows a person how training goes: a bar on a terminal, a few lines elsewhere."""

import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, TextIO

from tqdm import tqdm

LogScalar = Callable[[str, float, int], None]


class Progress:
    """Shows the steps of training and the latest validation.

    The bar goes to the terminal itself, past Sacred's capture, so that what is stored with the run is text and no
    animation. Lines come at validations twice as far apart each time, so that a long run says little more than a
    short one.
    """

    def __init__(self, max_steps: int, measure: str, terminal: TextIO | None = None) -> None:
        """Show progress up to max_steps, and the measure by name of each validation."""
        terminal = terminal or sys.__stderr__
        self._measure = measure
        self._validation = ""
        self._next_line = 1
        self._last_line = ""
        self._bar = None
        if terminal is not None and terminal.isatty():
            self._bar = tqdm(
                total=max_steps,
                file=terminal,
                unit=" steps",
                leave=False,
                dynamic_ncols=True,
                bar_format="{percentage:3.0f}% {bar} {n_fmt}/{total_fmt} steps {rate_fmt}{postfix}",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._last_line:
            print(self._last_line)

    def watch(self, log_scalar: LogScalar) -> LogScalar:
        """Return a log_scalar that passes every measure on, and shows the training loss as well."""

        def log(name: str, value: float, step: int) -> None:
            log_scalar(name, value, step)
            if name == "train/loss" and self._bar is not None:
                self._bar.set_postfix_str(f"loss {value:.4g}{self._validation}", refresh=False)
                self._bar.update(step - self._bar.n)

        return log

    def validated(self, step: int, measures: Mapping[str, float]) -> None:
        """Show a validation."""
        shown = f"{self._measure.replace('_', ' ')} {measures[self._measure]:.4g}"
        self._validation = f", validation {shown}"
        line = f"step {step:>6}   validation {shown}, loss {measures['loss']:.4g}"
        self._last_line = "" if self._bar is not None else line
        if self._bar is None and step >= self._next_line:
            print(line)
            self._last_line = ""
            self._next_line = 2 * step
