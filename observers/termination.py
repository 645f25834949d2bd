"""Ends a run that gets a signal as Sacred ends one at Ctrl-C, so that its end is recorded."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any

from sacred.observers import RunObserver
from sacred.run import Run

from observers.program import STOP_SIGNALS

_DEFAULTS = (signal.SIG_DFL, signal.default_int_handler)
_INTERRUPTED = ("INTERRUPTED", "TERMINATED")  # the program is ending already
_PRIORITY = -10  # below all observers: its join is called when they have recorded the end


class TerminatedInterrupt(SystemExit, KeyboardInterrupt):
    """Ends a run that got a signal other than SIGINT, and then the program with the exit status 128 + signal.

    Sacred records a KeyboardInterrupt with this STATUS; Python exits without a traceback at a SystemExit. No
    `except Exception` of the program stops it.
    """

    STATUS = "TERMINATED"


class Termination(RunObserver):
    """Handles signals while a run goes on: those that would kill the process, and SIGINT.

    A signal that the program handles or ignores stays with the program. While the end of the run is recorded, signals
    wait until it is.
    """

    priority = _PRIORITY

    def __init__(self) -> None:
        self._run: Any = None
        self._process = 0
        self._earlier: dict[int, Any] = {}
        self._waiting: int | None = None

    def handle_signals(self, run: Run) -> None:
        """Handle signals from now on; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._run, self._process = run, os.getpid()
        for number in STOP_SIGNALS:
            if signal.getsignal(number) in _DEFAULTS:
                self._earlier[number] = signal.signal(number, self._handle)

    def join(self) -> None:
        """Restore the earlier handlers, and interrupt the program if a signal came while the end was recorded.

        Raises:
            KeyboardInterrupt: the signal was SIGINT.
            TerminatedInterrupt: it was another one.
        """
        for number in list(self._earlier):
            self._restore(number)
        if self._waiting is not None and self._run.status not in _INTERRUPTED:
            raise _interrupt(self._waiting)

    def _restore(self, number: int) -> None:
        earlier = self._earlier.pop(number)
        if signal.getsignal(number) == self._handle:
            signal.signal(number, earlier)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._process:  # a fork of the program, which has no run to end
            self._restore(number)
            signal.raise_signal(number)
        elif self._is_ending():
            self._waiting = number
        else:
            raise _interrupt(number)

    def _is_ending(self) -> bool:
        """Tell whether the main function has returned or raised, so that there is nothing to interrupt."""
        stopped = getattr(self._run, "_stop_heartbeat_event", None)  # absent if there are no heartbeats
        return self._run.status != "RUNNING" or (stopped is not None and stopped.is_set())


def _interrupt(number: int) -> KeyboardInterrupt:
    return KeyboardInterrupt() if number == signal.SIGINT else TerminatedInterrupt(128 + number)
