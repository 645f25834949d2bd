"""A scheduler of Dask's and workers on loopback: real processes, which tests can kill."""

import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_TIMEOUT = 60.0  # seconds
_ADDRESS = re.compile(r"Scheduler at: +(tcp://\S+)\n")


class DaskCluster:
    """A scheduler, and the workers that were started for it.

    Attributes:
        address: of the scheduler.
        scheduler: its process.
        processes: the scheduler and all workers, as they were started.
    """

    def __init__(self, directory: Path) -> None:
        """Start a scheduler, and wait until it listens; logs are in the directory."""
        self._directory = directory
        self.processes: list[subprocess.Popen] = []
        self.scheduler = self._start("scheduler", ["--host", "127.0.0.1", "--port", "0"], directory, {}, ())
        self._await(lambda: _ADDRESS.search(self.log("scheduler")) is not None, "scheduler")
        self.address = _ADDRESS.findall(self.log("scheduler"))[0]

    def add_worker(
        self,
        name: str,
        *options: str,
        threads: int = 1,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
    ) -> "DaskWorker":
        """Start a worker, and wait until the scheduler knows it.

        Args:
            name: of the worker and its log.
            options: of `dask worker`.
            threads: the number of calls that it runs at once.
            directory: its working directory; None is one of its own.
            environment: variables to add.
            prefix: a command that starts it.
        """
        place = directory or self._directory / f"{name}.place"
        place.mkdir(exist_ok=True)
        arguments = [self.address, "--name", name, "--nthreads", str(threads), *options]
        process = self._start(name, arguments, place, environment or {}, prefix)
        self._await(lambda: "Registered to:" in self.log(name), name)
        return DaskWorker(process)

    def log(self, name: str) -> str:
        """Read what the scheduler or a worker has printed."""
        return (self._directory / f"{name}.log").read_text()

    def _await(self, is_there: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + _TIMEOUT
        while not is_there():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {self.log(name)}")
            time.sleep(0.05)

    def end(self) -> None:
        """Kill all processes."""
        found = [psutil.Process(process.pid) for process in self.processes if process.poll() is None]
        for process in [*found, *(child for parent in found for child in parent.children(recursive=True))]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for started in self.processes:
            started.wait()

    def _start(
        self, name: str, arguments: Sequence[str], place: Path, environment: Mapping[str, str], prefix: Sequence[str]
    ) -> subprocess.Popen:
        module = "distributed.cli.dask_scheduler" if name == "scheduler" else "distributed.cli.dask_worker"
        inherited = {key: value for key, value in os.environ.items() if key != "MONGO_URL"}
        with (self._directory / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*prefix, sys.executable, "-m", module, *arguments, "--no-dashboard"],
                cwd=place,
                env={**inherited, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process


class DaskWorker:
    """A worker: a nanny with the worker, or the worker alone.

    Attributes:
        process: that was started.
    """

    def __init__(self, process: subprocess.Popen) -> None:
        """Take the process that was started."""
        self.process = process

    def kill(self) -> None:
        """Send SIGKILL to the process that is connected to the scheduler; a nanny then starts another."""
        found = [each for each in self._children(self.process.pid) if b"spawn_main" in _command(each)]
        os.kill(found[0].pid if found else self.process.pid, signal.SIGKILL)

    def hosts(self) -> list[psutil.Process]:
        """Return the host processes of the project below the worker."""
        return [each for each in self._children(self.process.pid) if b"sweeps.cluster.host" in _command(each)]

    def runs(self) -> list[int]:
        """Return the pids of the runs on this worker."""
        return [each.pid for host in self.hosts() for child in host.children() for each in child.children()]

    def _children(self, pid: int) -> list[psutil.Process]:
        return psutil.Process(pid).children(recursive=True)


def _command(process: psutil.Process) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process.pid}/cmdline").read_bytes()
    return b""


@contextmanager
def dask_cluster(directory: Path) -> Iterator[DaskCluster]:
    """Provide a scheduler; it and its workers are gone after the block."""
    cluster = DaskCluster(directory)
    try:
        yield cluster
    finally:
        cluster.end()


@contextmanager
def forwarded(address: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Provide an address that leads to another one, and a function that resets all connections there."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    ends: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):  # the listener has been shut down
            while True:
                pair = listener.accept()[0], socket.create_connection((host, int(port)))
                ends.extend(pair)
                for source, target in (pair, pair[::-1]):
                    threading.Thread(target=forward, args=(source, target), daemon=True).start()

    def forward(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while received := source.recv(1 << 16):
                target.sendall(received)
            target.shutdown(socket.SHUT_WR)

    def reset() -> None:
        for end in ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                end.shutdown(socket.SHUT_RD)
            end.close()
        ends.clear()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", reset
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            reset()
