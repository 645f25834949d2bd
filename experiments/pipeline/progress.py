"""Shows the progress of training: a bar on a terminal, a few lines elsewhere."""

import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, TextIO

from tqdm import tqdm

LogScalar = Callable[[str, float, int], None]


class ProgressDisplay:
    """Shows the steps of training and the latest validation.

    The bar goes directly to the terminal, so that the recorded output has text and no animation. Without a terminal,
    validations are printed at doubling distances: a long run prints little more than a short one.
    """

    def __init__(self, max_steps: int, measure: str, terminal: TextIO | None = None) -> None:
        """Show progress up to max_steps, and one measure of each validation."""
        terminal = terminal or _terminal_of_the_user()
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
        """Return a log_scalar that passes every measure on, and shows the training loss."""

        def log(name: str, value: float, step: int) -> None:
            log_scalar(name, value, step)
            if name == "train/loss" and self._bar is not None:
                self._bar.set_postfix_str(f"loss {value:.4g}{self._validation}", refresh=False)
                self._bar.update(step - self._bar.n)

        return log

    def show_validation(self, step: int, measures: Mapping[str, float]) -> None:
        """Show a validation."""
        shown = f"{self._measure.replace('_', ' ')} {measures[self._measure]:.4g}"
        self._validation = f", validation {shown}"
        line = f"step {step:>6}   validation {shown}, loss {measures['loss']:.4g}"
        self._last_line = "" if self._bar is not None else line
        if self._bar is None and step >= self._next_line:
            print(line)
            self._last_line = ""
            self._next_line = 2 * step


def _terminal_of_the_user() -> TextIO | None:
    """Return the error output, without what copies it; None if the user sees it elsewhere, as in a notebook."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    return sys.__stderr__ if is_terminal else None
