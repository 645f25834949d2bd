"""Turns signals into exceptions: at once, or at the end of a training step so that its state can be saved."""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from sacred.utils import SacredInterrupt

from observers.program import STOP_SIGNALS

_PATIENCE = 5.0  # seconds that a step may take until a further signal ends it


def handled_signals() -> list[signal.Signals]:
    """Return the stop signals that this process does not ignore; under nohup it ignores SIGHUP."""
    return [number for number in STOP_SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]


@contextmanager
def handle_stop_signals(
    handler: Callable[[int, FrameType | None], None], numbers: Iterable[int] | None = None
) -> Iterator[None]:
    """Handle stop signals, all that are not ignored by default, and restore the handlers at the end of the block."""
    before = {number: signal.signal(number, handler) for number in (handled_signals() if numbers is None else numbers)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class DivergedInterrupt(SacredInterrupt):
    """Ends a run whose loss is no longer finite: a result, not a failure."""

    STATUS = "DIVERGED"


class TerminatedInterrupt(KeyboardInterrupt):
    """Ends a run that received another stop signal than SIGINT.

    Like KeyboardInterrupt, no `except Exception` on its way takes it for a failure. Sacred reads the status.

    Attributes:
        signal_number: the signal.
    """

    STATUS = "TERMINATED"

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.signal_number = signal_number


def interrupt_of(number: int) -> KeyboardInterrupt:
    """Return the exception that a stop signal raises."""
    return KeyboardInterrupt() if number == signal.SIGINT else TerminatedInterrupt(number)


def signal_of(interrupt: KeyboardInterrupt) -> int:
    """Return the stop signal that raised an exception."""
    return interrupt.signal_number if isinstance(interrupt, TerminatedInterrupt) else signal.SIGINT


class SignalHandler:
    """Handles the stop signals of a process."""

    def __init__(self) -> None:
        self._pending: KeyboardInterrupt | None = None
        self._pending_time = 0.0
        self._deferred = self._starting = self._raised = False
        self._owns_process = False
        self._is_over: Callable[[], bool] = lambda: False
        self._is_before: Callable[[], bool] = lambda: False
        self._end_before: Callable[[int], None] = lambda _: None

    @property
    def owns_process(self) -> bool:
        """Whether the process is there for one run, and not a notebook or a test that runs others as well."""
        return self._owns_process

    def handle_until_exit(
        self, *, is_before: Callable[[], bool], end_before: Callable[[int], None], is_over: Callable[[], bool]
    ) -> None:
        """Handle stop signals until the process exits; a process that is there for one run calls this.

        The first signal raises KeyboardInterrupt or TerminatedInterrupt. Later ones are ignored, so that the end of
        the run can be recorded. A signal that the process ignores already, as nohup does with SIGHUP, stays ignored.

        Args:
            is_before: tells whether the run has not started, so that there is nothing to record.
            end_before: ends the process in that case; takes the signal.
            is_over: tells whether the run has ended, so that there is nothing to interrupt.
        """
        self._reset(is_over)
        self._is_before, self._end_before, self._starting, self._owns_process = is_before, end_before, True, True
        for number in handled_signals():
            signal.signal(number, self._handle)

    @contextmanager
    def handling(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """Handle stop signals during a run, in a process that is not there for it alone: the kernel of a notebook.

        A signal ends the run first. Then SIGINT raises KeyboardInterrupt, and another one does what it would have
        done without a run. Handlers that others have set stay, except for that of SIGINT; and outside of the main
        thread, where Python allows no handlers, nothing is changed. In a process that is there for one run, nothing is
        changed either.

        Args:
            is_over: tells whether the run has ended, so that there is nothing to interrupt.
        """
        if self.owns_process or not _is_main_thread():
            yield
            return
        is_over_outside = self._is_over
        self._reset(is_over)
        self._starting = True
        mine = (signal.SIG_DFL, signal.getsignal(signal.SIGINT))
        numbers = [number for number in handled_signals() if signal.getsignal(number) in mine]
        try:
            with handle_stop_signals(self._handle, numbers):
                try:
                    yield
                finally:
                    self.begin()  # also if the run has failed before it has begun
                    self._is_over = is_over_outside  # of a run that has started this one
        except TerminatedInterrupt as interrupt:
            signal.raise_signal(interrupt.signal_number)
            raise

    def begin(self) -> None:
        """Raise a signal that came while a run started; further ones are raised when they come."""
        if _is_main_thread():
            self._starting = False
            self._raise_pending()

    @contextmanager
    def deferred(self) -> Iterator[Callable[[], None]]:
        """Keep a signal pending until the provided function is called, which raises it.

        A further signal is raised at once if the function has not been called for seconds.
        """
        if not _is_main_thread():  # signals are for a run there
            yield lambda: None
            return
        self._deferred = True
        try:
            yield self._raise_pending
        finally:
            self._deferred = False
        self._raise_pending()

    def _reset(self, is_over: Callable[[], bool]) -> None:
        self._pending, self._is_over = None, is_over
        self._deferred = self._starting = self._raised = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._raised or self._is_over():
            return
        now = time.monotonic()
        if self._is_before():
            self._pending, self._pending_time, self._raised = interrupt_of(number), now, True
            self._end_before(number)
            return
        if self._pending is None:
            self._pending, self._pending_time = interrupt_of(number), now
            if self._deferred or self._starting:
                return
        elif now - self._pending_time < _PATIENCE:
            return
        self._raise_pending()

    def _raise_pending(self) -> None:
        """Raise a signal, also one that was raised before: whatever goes on has swallowed it, as a finalizer does."""
        if self._pending is not None:
            self._raised = True
            raise self._pending


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


SIGNALS = SignalHandler()
"""The handler of this process; it handles no signal before a command line or an experiment runs."""
