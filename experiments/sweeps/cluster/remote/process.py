"""The host process beside a worker, and the calls that it runs."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from queue import SimpleQueue
from socket import socketpair
from typing import Any

from experiments.sweeps.cluster.remote.project import HOST, RefusedError, Sealed

Attempt = Mapping[str, Any]
"""The process of a run that has begun, as observers.system.process identifies it, and `worker`; `left` if it was."""

Answer = tuple[str, Any]
"""How a call has ended: outcome (pickled), failed or refused (and why), cancelled, interrupted, left, lost."""


@dataclass(frozen=True)
class Call:
    """A run that a worker is asked for.

    Attributes:
        key: of the task in Dask.
        request: for the host.
        threads: the number of threads of the run.
        earlier: attempts at this run whose worker has died.
    """

    key: str
    request: Sealed
    threads: int
    earlier: Sequence[Attempt] = field(default_factory=list)


def as_left(attempt: Attempt) -> Attempt:
    """Say of an attempt that its worker was told to end, or that the sweep has lost sight of it: no death."""
    return {**attempt, "left": True}


class HostProcess:
    """A process with the project, which runs calls in forks."""

    def __init__(self, environment: Mapping[str, str], greeting: Any) -> None:
        ours, theirs = socketpair()
        with theirs, tempfile.TemporaryFile() as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", HOST, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            theirs.close()
            self._connection = Connection(ours.detach())
            self._lock = threading.Lock()
            self._answers: dict[str, SimpleQueue[Answer]] = {}
            self.has_ended = False
            try:
                self._connection.send(greeting)
                refusal = self._connection.recv()
            except (EOFError, OSError):
                stderr.seek(0)
                printed = stderr.read().decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
                refusal = f"{sys.executable} cannot run {HOST}: {printed[-1]}"
        if refusal is not None:
            self.has_ended = True
            self._connection.close()
            raise RefusedError(refusal)
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def is_busy(self) -> bool:
        """Whether a call runs."""
        return bool(self._answers)

    def send(self, *message: Any) -> None:
        """Send a message; a host that has ended takes none."""
        with self._lock, suppress(OSError):
            self._connection.send(message)

    def run(self, call: Call, earlier: Sequence[Attempt], begin: Callable[[Attempt], None]) -> Answer:
        """Run a call, and report the process of the run before it begins."""
        answers = self._answers[call.key] = SimpleQueue()
        try:
            self.send("run", call.key, call.request.content, call.threads, earlier)
            if self.has_ended:
                return "lost", None
            answer = answers.get()
            if answer[0] == "begun":
                self._begin(call.key, lambda: begin(answer[1]))
                answer = answers.get()
            return answer
        finally:
            del self._answers[call.key]

    def wait(self, timeout: float) -> None:
        """Wait for the end of the process."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)

    def _begin(self, key: str, begin: Callable[[], None]) -> None:
        """Let a run begin, unless it cannot be reported."""
        try:
            begin()
        except BaseException:
            self.send("drop", key)
            raise
        self.send("go", key)

    def _read(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                key, kind, content = self._connection.recv()
                if (answers := self._answers.get(key)) is not None:
                    answers.put((kind, content))
        self.has_ended = True
        for answers in list(self._answers.values()):
            answers.put(("lost", None))
        self._process.wait()
