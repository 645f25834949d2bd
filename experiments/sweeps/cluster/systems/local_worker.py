"""A preload of the workers that a sweep starts on this machine: Ctrl-C on the terminal is for the sweep alone."""

import os
import signal

from distributed import Worker

from observers.program import STOP_SIGNALS


def dask_setup(worker: Worker) -> None:
    """Leave the process group of the terminal, and receive signals again; Dask calls this when a worker starts."""
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
