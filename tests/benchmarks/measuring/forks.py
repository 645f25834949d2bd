"""Runs a function in a fork of this process, which can be made to fail or be killed at one of its system calls.

strace attaches to the fork before the function begins, so that the import of Python's modules is not disturbed. Only
the main thread is traced. A fault is what strace's `inject=` takes, such as `fsync:error=EIO:when=3`.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

TIMEOUT = 120.0  # seconds, after which a process hangs
NETWORK = ("sendto", "sendmsg")
CHANGES = ("write", "fsync", "rename", "mkdir", "openat", "unlink", "rmdir", "ftruncate", "link", "chmod")
"""System calls that change something; openat is one if it may create a file."""

_CALL = re.compile(r"(\w+)\(")


@dataclass(frozen=True)
class Ended:
    """A fork that has ended.

    Attributes:
        status: the exit status; minus the number of the signal that killed it; None if it did not end in time.
        printed: on standard output and error.
        calls: the traced system calls, a line each.
        seconds: that it took.
    """

    status: int | None
    printed: str
    calls: Sequence[str]
    seconds: float

    @property
    def hit(self) -> str:
        """The system call that was disturbed, empty if none was."""
        lines = [line for line in self.calls if "(INJECTED)" in line]
        killed = self.calls[-2] if self.status == -signal.SIGKILL and len(self.calls) > 1 else ""
        return (lines or [killed])[0][:300]


class Fork:
    """A function that runs in a fork."""

    def __init__(self, function: Callable[..., int], *arguments: Any, trace: str = "", fault: str = "") -> None:
        """Start a function.

        Args:
            function: returns the exit status; its exceptions end the fork with a traceback and status 70.
            arguments: of the function.
            trace: system calls to trace, separated by commas; by default those of the fault.
            fault: see above.
        """
        self._directory = tempfile.TemporaryDirectory()
        self._output, self._log = (Path(self._directory.name) / name for name in ("output", "calls"))
        self._started = time.monotonic()
        self._strace: subprocess.Popen | None = None
        sys.stdout.flush()
        self._pid = os.fork()
        if self._pid == 0:
            _run(function, arguments, self._output, wait=bool(trace or fault))
        if trace or fault:
            self._attach(trace or fault.partition(":")[0], fault)

    def _attach(self, trace: str, fault: str) -> None:
        os.waitpid(self._pid, os.WUNTRACED)
        inject = ["-e", f"inject={fault}"] if fault else []
        command = ["strace", "-qq", "-y", "-s", "0", "-o", str(self._log), "-e", f"trace={trace}", *inject]
        self._strace = subprocess.Popen([*command, "-p", str(self._pid)], stderr=subprocess.DEVNULL)
        while "TracerPid:\t0\n" in Path(f"/proc/{self._pid}/status").read_text():
            if self._strace.poll() is not None:
                os.kill(self._pid, signal.SIGKILL)
                raise RuntimeError("strace is missing, or may not trace")
            time.sleep(0.002)
        os.kill(self._pid, signal.SIGCONT)

    def wait(self) -> Ended:
        """Wait for the end."""
        ended, status = 0, 0
        while not ended and time.monotonic() < self._started + TIMEOUT:
            ended, status = os.waitpid(self._pid, os.WNOHANG)
            time.sleep(0.005)
        seconds = time.monotonic() - self._started
        if not ended:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        if self._strace is not None:
            self._strace.wait()
        calls = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        printed = self._output.read_text(errors="replace") if self._output.exists() else ""
        self._directory.cleanup()
        return Ended(os.waitstatus_to_exitcode(status) if ended else None, printed, calls, seconds)


def run_in_fork(function: Callable[..., int], *arguments: Any, fault: str = "") -> Ended:
    """Run a function to its end."""
    return Fork(function, *arguments, fault=fault).wait()


def calls_of(
    names: Sequence[str], place: Path, function: Callable[..., int], *arguments: Any
) -> Iterator[tuple[str, int]]:
    """Run a function undisturbed; yield each of its calls that change something as its name and its number.

    Args:
        names: of system calls.
        place: a directory; calls for files elsewhere are left out.
        function: see Fork.
        arguments: of the function.
    """
    numbers = dict.fromkeys(names, 0)
    for line in Fork(function, *arguments, trace=",".join(names)).wait().calls:
        match = _CALL.match(line)
        if match is None:
            continue
        numbers[match[1]] += 1
        reads = match[1] == "openat" and "O_CREAT" not in line
        if match[1] in NETWORK or (str(place) in line and not reads):
            yield match[1], numbers[match[1]]


def _run(function: Callable[..., int], arguments: Sequence[Any], output: Path, *, wait: bool) -> NoReturn:
    status = 70
    try:
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, 1)
        os.dup2(file, 2)
        sys.stdout, sys.stderr = (open(number, "w", 1, closefd=False) for number in (1, 2))  # noqa: SIM115
        if wait:
            os.kill(os.getpid(), signal.SIGSTOP)
        status = function(*arguments)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
        print(end.code if isinstance(end.code, str) else "", file=sys.stderr)
    except BaseException:
        with suppress(OSError):
            traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(status)
