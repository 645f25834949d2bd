"""Keeps signals from a library: its import may set handlers, and what it starts may be on the same terminal."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from observers.program import STOP_SIGNALS


@contextmanager
def kept_handlers() -> Iterator[None]:
    """Keep the handlers of this process in a block that imports a library which sets its own.

    Threads that start in the block, and the processes that they start later, have the signals blocked: Ctrl-C on a
    terminal ends no command that submits or cancels a job.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) != handler:
                signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
