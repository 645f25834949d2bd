"""A MongoDB server of one's own, which can be killed, stopped and started again."""

import importlib.util
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


def mongod_program(directory: Path) -> str | None:
    """The path of a mongod: one that is installed, or that of a wheel, made executable in the directory."""
    installed = shutil.which("mongod")
    if installed:
        return installed
    package = importlib.util.find_spec("fiftyone")
    if package is None or not package.submodule_search_locations:
        return None
    program = directory / "mongod"
    if not program.exists():
        shutil.copy(Path(next(iter(package.submodule_search_locations))) / "db" / "bin" / "mongod", program)
        program.chmod(0o755)
    return str(program)


class Mongod:
    """A server on a port of its own, with its data below a directory.

    Attributes:
        url: without a database.
    """

    def __init__(self, program: str, directory: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"mongodb://127.0.0.1:{self._port}"
        self._program = program
        self._data = directory / "data"
        self._data.mkdir(parents=True)
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [self._program, "--dbpath", str(self._data), "--port", str(self._port), "--bind_ip", "127.0.0.1"]
        log = self._data.parent / "log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=file)
        for _ in range(120):
            client: pymongo.MongoClient
            try:
                with pymongo.MongoClient(self.url, serverSelectionTimeoutMS=500) as client:
                    client.admin.command("ping")
                return
            except PyMongoError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.25)
        raise RuntimeError(f"mongod did not start: {log.read_text()[-2000:]}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGSTOP."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, as a power cut would; another start goes on with its data."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def served() -> Iterator[tuple[Mongod, Path]]:
    """Provide a server that lives as long as the block, and a directory that does, too; without a mongod, exit."""
    with tempfile.TemporaryDirectory() as vanishing:
        program = mongod_program(Path(vanishing))
        if program is None:
            sys.exit("there is no mongod")
        server = Mongod(program, Path(vanishing) / "server")
        server.start()
        try:
            yield server, Path(vanishing)
        finally:
            server.kill()
