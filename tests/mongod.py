"""A MongoDB server for the tests, which they can kill, stop and start again."""

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

_OPTIONS = (
    "--nounixsocket",  # a killed server would leave the socket in the temporary directory
    "--wiredTigerCacheSizeGB=0.25",
    "--wiredTigerEngineConfigString=log=(prealloc=false,file_max=32MB)",  # one file, in place of three of 100 MB
    "--setParameter=diagnosticDataCollectionEnabled=false",
)
_MEMORY = Path("/dev/shm")
_MOST_DATA = 1 << 30  # bytes
_START_TIMEOUT = 60.0  # seconds
_PR_SET_PDEATHSIG = 1  # prctl(2)


def mongod_program() -> str | None:
    """Return the path of an installed mongod, or of the one in a wheel; None if there is neither."""
    installed = shutil.which("mongod")
    if installed:
        return installed
    package = importlib.util.find_spec("fiftyone")
    if package is None or not package.submodule_search_locations:
        return None
    program = Path(next(iter(package.submodule_search_locations))) / "db" / "bin" / "mongod"
    if not os.access(program, os.X_OK):  # as pip installs it
        program.chmod(0o755)
    return str(program)


class Mongod:
    """A server on a port of its own.

    Attributes:
        url: of the server, without a database.
    """

    def __init__(self, program: str, directory: Path) -> None:
        """Prepare to start.

        Args:
            program: the path of mongod.
            directory: of the data and the log.
        """
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"mongodb://127.0.0.1:{self._port}"
        self._program = program
        self._data = directory / "data"
        self._data.mkdir(parents=True)
        self._process: subprocess.Popen | None = None

    def start(self, *options: str) -> None:
        """Start, with further options of mongod, and wait until the server answers."""
        address = ("--bind_ip", "127.0.0.1", "--port", str(self._port))
        command = [self._program, "--dbpath", str(self._data), *address, *_OPTIONS, *options]
        log = self._data.parent / "log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=file, preexec_fn=_end_with_parent)
        deadline = time.monotonic() + _START_TIMEOUT
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return
        raise RuntimeError(f"mongod did not start: {log.read_text()[-2000:]}")

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
            return False
        return True

    def _answers(self) -> bool:
        if not self._listens():
            return False
        client: pymongo.MongoClient
        try:
            with pymongo.MongoClient(self.url, serverSelectionTimeoutMS=5000) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGSTOP."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the server; it can be started again with its data."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def served(program: str | None = None, *, durable: bool = True) -> Iterator[tuple[Mongod, Path]]:
    """Provide a running server and a directory; both are gone after the block.

    Args:
        program: the path of mongod; None looks for one, and exits if there is none.
        durable: whether the directory is on a disk; otherwise it is in memory, if there is space.
    """
    program = program or mongod_program()
    if program is None:
        sys.exit("there is no mongod")
    with tempfile.TemporaryDirectory(dir=None if durable else _memory()) as directory:
        server = Mongod(program, Path(directory) / "server")
        try:
            server.start()
            yield server, Path(directory)
        finally:
            server.kill()


def _memory() -> Path | None:
    """Return a directory in memory, None if there is none with enough space."""
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _MOST_DATA:
        return None
    return _MEMORY


def _end_with_parent() -> None:
    """Have Linux kill this process when its parent dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
