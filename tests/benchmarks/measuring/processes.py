"""Runs processes from start to end, and measures what they take: the start of Python, imports and children included.

Sides of a benchmark print their figures as JSON, on the last line of their standard output.
"""

import atexit
import functools
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from experiments.pipeline.tensorflow import import_training
from experiments.recording.layout import ROOT
from tests.benchmarks.measuring.comparison import Figures


@dataclass(frozen=True)
class Finished:
    """A process that ended well.

    Attributes:
        wall: seconds from its start to its end.
        cpu: seconds of processor time, user and system, of all its threads and the children that it waited for.
        output: what it printed.
        memory: its highest use of memory, in MB; of a process that it started, if that used more.
    """

    wall: float
    cpu: float
    output: str
    memory: float

    @property
    def figures(self) -> Figures:
        """The figures on the last line of the output."""
        figures: Figures = json.loads(self.output.splitlines()[-1])
        return figures


Run = Callable[..., Finished]
"""Runs Python with arguments: run_python, or run_in_fork where nothing is measured."""


def run_python(*arguments: str) -> Finished:
    """Run this Python in the root of the project.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    return run_command([sys.executable, *arguments])


def run_command(command: Sequence[str]) -> Finished:
    """Run a command in the root of the project, without MONGO_URL.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    environment = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

    def start(output: int) -> subprocess.Popen:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output)

    return _measure(start, command)


def run_in_fork(*arguments: str) -> Finished:
    """Run Python code in a fork of this process, which imports TensorFlow once; for checks, not for measurements.

    Args:
        arguments: of a command line: options, and `-m` with a module or the path of a script.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    import_training()
    return _measure(functools.partial(_fork, arguments), arguments)


def module(name: str, *arguments: str) -> Sequence[str]:
    """Return the arguments of Python that run a module without the warnings of libraries."""
    return ["-W", "ignore", "-m", name, *arguments]


def confine(processors: int) -> None:
    """Restrict this process, and all that it starts, to a number of processors."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])


@dataclass
class _Fork:
    pid: int
    returncode: int | None = None


def _measure(start: Callable[[int], subprocess.Popen | _Fork], command: Sequence[str]) -> Finished:
    """Start a process with a file for its standard output, wait for its end, and measure it."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        began = time.perf_counter()
        process = start(output.fileno())
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, printed)
    return Finished(wall, used.ru_utime + used.ru_stime, printed, used.ru_maxrss / 1024)


def _fork(arguments: Sequence[str], output: int) -> _Fork:
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _run_forked(arguments, output)
    return _Fork(pid)


def _run_forked(arguments: Sequence[str], output: int) -> NoReturn:
    atexit._clear()  # what the parent does at its exit: it may remove the directory that this process works in
    os.dup2(output, 1)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.chdir(ROOT)
    os.environ.pop("MONGO_URL", None)
    is_module = "-m" in arguments
    name, *sys.argv[1:] = arguments[arguments.index("-m") + 1 :] if is_module else arguments
    status = 0
    try:
        if is_module:
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        else:
            sys.argv[0] = name
            runpy.run_path(str(Path(name)), run_name="__main__")
    except SystemExit as end:
        status = int(bool(end.code))
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    os._exit(status)
