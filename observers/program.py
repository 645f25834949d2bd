"""How a program starts and ends, whatever its standard streams are, and whenever Ctrl-C comes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from observers.system.stderr import warn
from observers.system.streams import output_error, protect_output

_NAMES = "INT TERM HUP QUIT USR1 USR2 XCPU ALRM VTALRM PROF IO PWR".split()

STOP_SIGNALS = tuple(signal.Signals[f"SIG{name}"] for name in _NAMES if hasattr(signal, f"SIG{name}"))
"""The signals with which people, terminals, batch systems and containers end a program, and its runs."""


def start_program() -> None:
    """Protect the standard streams, and let Ctrl-C end the program without a traceback while it imports the rest.

    Call it first in a program, before other imports: they may open files.
    """
    protect_output()
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, _exit_at_once)


def run_program(name: str, main: Callable[[], int]) -> NoReturn:
    """Call the main function of a program that has started, and exit.

    Args:
        name: of the program.
        main: returns the exit status, or exits; it gets KeyboardInterrupt at Ctrl-C.

    Raises:
        SystemExit: with the exit status; it is 1 if all is done but the output could not be written.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    for number in STOP_SIGNALS:  # all is done
        signal.signal(number, signal.SIG_IGN)
    sys.exit(end_output(name, status))


def end_output(name: str, status: int) -> int:
    """Write all that is printed, and say in a line if that failed.

    Args:
        name: of the program.
        status: the exit status of its work.

    Returns:
        The exit status of the program: 1 if all is done but the output could not be written. A pipe whose reader has
        gone is no failure.
    """
    error = output_error()
    if error is None:
        return status
    from observers.errors import phrase_of  # which imports pymongo

    warn(f"{name}: write error: {phrase_of(error)}")
    output_error()
    return status or 1


def _exit_at_once(number: int, frame: FrameType | None) -> NoReturn:
    os._exit(128 + number)
