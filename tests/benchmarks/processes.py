"""Runs a process from beginning to end, and tells what it has taken: the start of Python, imports, its children."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.pairs import ROOT


@dataclass(frozen=True)
class Finished:
    """A process that has ended well.

    Attributes:
        wall: seconds from its start to its end.
        cpu: seconds of processor time, user and system, of all its threads and of the processes that it waited for.
        output: what it printed.
    """

    wall: float
    cpu: float
    output: str


def run_python(*arguments: str) -> Finished:
    """Run this Python in the root of the project; nothing in the environment sends a run to a database.

    Raises:
        subprocess.CalledProcessError: when it fails.
    """
    environment = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    command = [sys.executable, *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, printed)
    return Finished(wall, used.ru_utime + used.ru_stime, printed)


def module(name: str, *arguments: str) -> Sequence[str]:
    """What run_python takes to run a module without the warnings of libraries."""
    return ["-W", "ignore", "-m", name, *arguments]


def confine(processors: int) -> None:
    """Keep this process, and all that it starts, to so many processors."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])
