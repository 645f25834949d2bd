"""Ends a run that gets a signal as Sacred ends one at Ctrl-C, so that its end is recorded."""

from __future__ import annotations

import os
import signal
import sys
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
    wait until it is. A run that another one has started takes its signals, until it has ended.
    """

    priority = _PRIORITY

    def __init__(self) -> None:
        self._run: Any = None
        self._process = 0
        self._earlier: dict[int, Any] = {}
        self._waiting: int | None = None
        self._handled_before: BaseException | None = None

    def handle_signals(self, run: Run) -> None:
        """Handle signals from now on; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._run, self._process = run, os.getpid()
        self._handled_before = sys.exc_info()[1]
        for number in STOP_SIGNALS:
            earlier = signal.getsignal(number)
            if earlier in _DEFAULTS or isinstance(getattr(earlier, "__self__", None), Termination):
                self._earlier[number] = signal.signal(number, self._handle)

    def join(self) -> None:
        """Restore the earlier handlers, and interrupt the program if a signal came while the end was recorded.

        Raises:
            KeyboardInterrupt: the signal was SIGINT.
            TerminatedInterrupt: it was another one.
        """
        for number in list(self._earlier):
            self._restore(number)
        self._handled_before = None
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
        elif self._is_ending(frame):
            self._waiting = number
        else:
            raise _interrupt(number)

    def _is_ending(self, frame: FrameType | None) -> bool:
        """Tell whether the main function has returned or raised, so that there is nothing to interrupt."""
        stopped = getattr(self._run, "_stop_heartbeat_event", None)  # absent if there are no heartbeats
        if self._run.status != "RUNNING" or (stopped is not None and stopped.is_set()):
            return True
        return sys.exc_info()[1] is not self._handled_before and not self._is_in_captured_function(frame)

    def _is_in_captured_function(self, frame: FrameType | None) -> bool:
        """Tell whether Sacred is calling a function of the program for this run, which may be handling an error."""
        is_in_captured_function = False
        while frame is not None:
            if frame.f_code is Run.__call__.__code__ and frame.f_locals.get("self") is self._run:
                break
            is_in_captured_function = is_in_captured_function or frame.f_code.co_name == "captured_function"
            frame = frame.f_back
        return is_in_captured_function


def _interrupt(number: int) -> KeyboardInterrupt:
    return KeyboardInterrupt() if number == signal.SIGINT else TerminatedInterrupt(128 + number)
