"""Runs sweeps in this process: their runs are forks of one server, which imports TensorFlow once for all tests."""

import multiprocessing.forkserver
import os
import subprocess
import sys

import pytest

from experiments.sweeps.main import main
from observers.system.process import this_process


@pytest.fixture
def run_sweep(monkeypatch, capfd, place):
    """Run a sweep in this process, in the directory of `place` unless another is given."""

    def run(*arguments, directory=place.directory):
        monkeypatch.chdir(directory)
        monkeypatch.delenv("MONGO_URL", raising=False)
        for stream in ("stdout", "stderr"):  # restored after the test: a command line replaces them
            monkeypatch.setattr(sys, stream, getattr(sys, stream))
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert isinstance(end.value.code, int)
        return subprocess.CompletedProcess(arguments, end.value.code, *capfd.readouterr())

    return run


@pytest.fixture(scope="module")
def own_fork_server():
    """Let the executors of a module start a server that imports what they name; sweeps share one that runs already."""
    multiprocessing.forkserver._forkserver._stop()  # type: ignore[attr-defined]
    yield
    multiprocessing.forkserver._forkserver._stop()  # type: ignore[attr-defined]


@pytest.fixture
def dead_process():
    """What named a process that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return {**this_process(), "pid": pid}
