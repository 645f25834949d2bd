"""Runs scripts in forks of a process that has imported TensorFlow and the project.

A script that starts cold spends seconds on imports; a fork takes milliseconds. The forked process has its own pid,
working directory, environment, arguments, signals and streams, like a process of `subprocess`. It ignores variables
that Python and TensorFlow read when they start (PYTHON..., LC_..., TF_...): tests of those need a cold start.

tests.experiments.warm_server is the process that forks, one for each worker of the tests; it ends with the worker.
"""

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO


class WarmProcess:
    """A script that runs in a fork, with the methods of subprocess.Popen that the tests use."""

    def __init__(self, pid: int, stdout: IO[str], stderr: IO[str], status: socket.socket) -> None:
        self.pid = pid
        self.stdout, self.stderr = stdout, stderr
        self.returncode: int | None = None
        self._status = status

    def poll(self) -> int | None:
        try:
            return self.wait(timeout=0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._status.settimeout(timeout)
            try:
                self.returncode = int(self._status.recv(16))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read both streams to their end, and wait for the exit status."""
        texts = {}

        def read(stream: IO[str]) -> None:
            texts[stream] = stream.read()

        readers = [threading.Thread(target=read, args=[stream], daemon=True) for stream in (self.stdout, self.stderr)]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
        return texts[self.stdout], texts[self.stderr]

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has just ended, and its status is on the way
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process that scripts are forked from."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            subprocess.Popen(
                [sys.executable, "-m", "tests.experiments.warm_server", str(theirs.fileno())],
                cwd=Path(__file__).resolve().parents[2],
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the tests
            )

    def start(
        self,
        script: Path,
        arguments: Sequence[str],
        *,
        stdin: int,
        directory: Path,
        environment: Mapping[str, str],
        ignored: Collection[int],
    ) -> WarmProcess:
        """Run a script, with pipes for standard output and error.

        Args:
            script: what to run.
            arguments: of its command line.
            stdin: a file descriptor.
            directory: the working directory.
            environment: all variables.
            ignored: signals that the script ignores.
        """
        request = {
            "script": str(script),
            "arguments": list(arguments),
            "directory": str(directory),
            "environment": dict(environment),
            "ignored": list(ignored),
        }
        status, their_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        (our_stdout, stdout), (our_stderr, stderr) = os.pipe(), os.pipe()
        theirs = [stdout, stderr, their_status.detach()]
        socket.send_fds(self._connection, [json.dumps(request).encode()], [stdin, *theirs])
        for descriptor in theirs:
            os.close(descriptor)
        return WarmProcess(int(status.recv(16)), os.fdopen(our_stdout), os.fdopen(our_stderr), status)


@functools.cache
def fork_server() -> ForkServer:
    """The server of this worker, started when the first test needs it."""
    return ForkServer()
