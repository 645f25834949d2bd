"""Signals as exceptions: at once, or at the end of a step of training so that its state can be kept."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from sacred.utils import SacredInterrupt


class TerminatedInterrupt(SacredInterrupt):
    """Ends a run that got SIGTERM or SIGHUP.

    Attributes:
        signal_number: which of them.
    """

    STATUS = "TERMINATED"

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.signal_number = signal_number


class Interrupts:
    """SIGINT, SIGTERM and SIGHUP of a process."""

    def __init__(self) -> None:
        self._pending: BaseException | None = None
        self._deferred = False
        self._raised = False
        self._is_over: Callable[[], bool] = lambda: False

    @contextmanager
    def heeded(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """Raise KeyboardInterrupt or TerminatedInterrupt, once: a second does not disturb the recording of the end.

        A signal that is ignored, as SIGHUP is under nohup, stays ignored.

        Args:
            is_over: tells whether a run has ended, and nothing is left to be interrupted.
        """
        self._pending, self._deferred, self._raised, self._is_over = None, False, False, is_over
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        heeded = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
        before = {number: signal.signal(number, self._handle) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[Callable[[], None]]:
        """Let a signal wait until the function that is provided is called, which raises it; a second does not wait."""
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


INTERRUPTS = Interrupts()
"""Those of this process; nothing is heeded before a command line is obeyed."""
