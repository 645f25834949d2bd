"""Turns signals into exceptions: at once, or at the end of a training step so that its state can be saved."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from sacred.utils import SacredInterrupt

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a run, and a sweep with its runs."""


def handled_signals() -> list[signal.Signals]:
    """Return the stop signals that this process does not ignore; under nohup it ignores SIGHUP."""
    return [number for number in STOP_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]


@contextmanager
def handle_stop_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle the stop signals that are not ignored, and restore the earlier handlers at the end of the block."""
    before = {number: signal.signal(number, handler) for number in handled_signals()}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class DivergedInterrupt(SacredInterrupt):
    """Ends a run whose loss is no longer finite: a result, not a failure."""

    STATUS = "DIVERGED"


class TerminatedInterrupt(SacredInterrupt):
    """Ends a run that received SIGTERM or SIGHUP.

    Attributes:
        signal_number: the signal.
    """

    STATUS = "TERMINATED"

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.signal_number = signal_number


class SignalHandler:
    """Handles the stop signals of a process."""

    def __init__(self) -> None:
        self._pending: BaseException | None = None
        self._deferred = False
        self._raised = False
        self._is_over: Callable[[], bool] = lambda: False

    @contextmanager
    def handling(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """Raise KeyboardInterrupt or TerminatedInterrupt at the first stop signal.

        Later signals are ignored, so that the end of the run can be recorded. A signal that the process ignores
        already, as nohup does with SIGHUP, stays ignored.

        Args:
            is_over: tells whether the run has ended, so that there is nothing to interrupt.
        """
        self._pending, self._deferred, self._raised, self._is_over = None, False, False, is_over
        with handle_stop_signals(self._handle):
            yield

    @contextmanager
    def deferred(self) -> Iterator[Callable[[], None]]:
        """Keep a signal pending until the provided function is called, which raises it; raise a second one at once."""
        self._deferred = True
        try:
            yield self._raise_pending
        finally:
            self._deferred = False
        self._raise_pending()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._raised or self._is_over():
            return
        interrupt = KeyboardInterrupt() if number == signal.SIGINT else TerminatedInterrupt(number)
        if self._deferred and self._pending is None:
            self._pending = interrupt
            return
        self._raised = True
        raise interrupt

    def _raise_pending(self) -> None:
        if self._pending is not None and not self._raised:
            self._raised = True
            raise self._pending


SIGNALS = SignalHandler()
"""The handler of this process; it handles no signal before a command line runs."""
