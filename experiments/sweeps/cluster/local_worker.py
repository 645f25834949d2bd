"""A preload of the workers that a sweep starts on this machine: Ctrl-C on the terminal is for the sweep alone."""

import os

from distributed import Worker


def dask_setup(worker: Worker) -> None:
    """Leave the process group of the terminal; Dask calls this when a worker starts."""
    os.setpgid(0, 0)
