"""Writes files so that they survive a power cut.

A file is replaced atomically: a reader finds either the old content or the new. What is appended to a file is flushed
to the disk every few seconds.
"""

import hashlib
import json
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from observers.system.json_values import to_json
from observers.system.process import limit_of_threads

SYNC_SECONDS = 5.0
"""Between two flushes of files that are appended to. A busy disk may take as long again for one."""


@contextmanager
def atomic_write(path: Path, *, sync_name: bool = True) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` at the end of the block, or is removed if the block raises.

    Args:
        path: of the file.
        sync_name: whether the new file, and not the old one, has to survive a power cut from now on.
    """
    new = _temporary(path)
    with _standing_for(path, new):
        with new.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        if sync_name:
            sync_directory(path.parent)


@contextmanager
def _standing_for(path: Path, new: Path) -> Iterator[None]:
    """Remove a temporary file at the end of the block; an error of it names the file that it stands for."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(new), new):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):  # on a read-only file system, in place of the error itself
            new.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Flush the names in a directory to the disk: those of new and renamed files."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directories(directory: Path) -> None:
    """Create a directory and those above it, and flush their names to the disk."""
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_directory(path.parent)


def write_json(path: Path, content: object, *, sync_name: bool = True) -> None:
    """Replace a file by content as JSON, converted as Sacred does; see atomic_write."""
    with atomic_write(path, sync_name=sync_name) as file:
        file.write(_json_bytes(content))


def write_changed_json(path: Path, content: object) -> None:
    """Replace a file as write_json does, if its content changes."""
    new = _json_bytes(content)
    with suppress(OSError):
        if path.stat().st_size == len(new) and path.read_bytes() == new:
            return
    with atomic_write(path, sync_name=False) as file:
        file.write(new)


def write_missing(path: Path, content: bytes) -> bool:
    """Write a file if it is not there; return whether it was written. See atomic_write."""
    if path.exists():
        return False
    with atomic_write(path) as file:
        file.write(content)
    return True


def _json_bytes(content: object) -> bytes:
    return json.dumps(to_json(content), sort_keys=True, indent=2, allow_nan=False).encode() + b"\n"


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not JSON; the message names it.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from None


def copy_new(source: Path, target: Path, *, sync_name: bool = True) -> bool:
    """Copy a file atomically, unless the target exists; see atomic_write.

    Returns:
        True if the file was copied, False if the target exists already; it stays unchanged.
    """
    make_directories(target.parent)
    new = _temporary(target)
    with _standing_for(target, new):
        with source.open("rb") as original, new.open("xb") as file:
            shutil.copyfileobj(original, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, target)
        except FileExistsError:
            return False
        except OSError:  # the file system has no hard links
            if target.exists():
                return False
            new.replace(target)
        if sync_name:
            sync_directory(target.parent)
    return True


class PeriodicSync:
    """A thread that flushes files that are appended to, whether or not Sacred's heartbeats come.

    A heartbeat waits for other observers, and a run may have none.
    """

    def __init__(self, syncs: Sequence[Callable[[], None]], seconds: float = SYNC_SECONDS) -> None:
        """Start the thread.

        Args:
            syncs: each flushes a file; if it raises an OSError, it is called again the next time.
            seconds: between two flushes.

        Raises:
            OSError: the process may have no more threads.
        """
        self._syncs = syncs
        self._seconds = seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="periodic sync", daemon=True)
        with limit_of_threads():
            self._thread.start()

    def end(self) -> None:
        """End the thread, after the flush under way if there is one."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self._seconds):
            for sync in self._syncs:
                with suppress(OSError):
                    sync()


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name[:200]}.{uuid.uuid4().hex[:12]}")


def hex_digest(file: IO[bytes], method: str) -> str:
    """Return the digest of the rest of a file, by a method of hashlib such as sha256."""
    digest = hashlib.new(method)
    while block := file.read(1 << 16):
        digest.update(block)
    return digest.hexdigest()
