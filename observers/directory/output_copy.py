"""Copies what a program prints into a file, as it is printed.

Sacred's own capture modes lose output. `sys` reads and writes one buffer from two threads, and drops what comes after
the last heartbeat of a run that fails; `fd` can lose the end.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from observers.system.appended_file import AppendedFile
from observers.system.files import atomic_write
from observers.system.process import make_lock
from observers.system.retry import WriteRetry

_MOST_PENDING = 1 << 20  # bytes kept in memory while the file cannot be written; later output is lost
_STREAMS = ("stdout", "stderr")
_lock = make_lock()  # held while the streams are replaced
_threads: list[int] = []  # that run something whose output is copied, one for each run


class OutputCopy:
    """Copies standard output and standard error to a file between `begin` and `end`."""

    def __init__(self, path: Path) -> None:
        """Open the file to append to it.

        Raises:
            OSError: the file cannot be opened.
        """
        self._file = AppendedFile(path)
        self._lock = make_lock()
        self._pending = b""
        self._lost = 0  # bytes that were printed while the file could not be written, and were too many to keep
        self._thread: int | None = None  # that runs, between `begin` and `end`

    def move(self, path: Path) -> None:
        """Go on with the file under its new path."""
        self._file.path = path

    def begin(self) -> None:
        """Replace sys.stdout and sys.stderr; one is None if its descriptor was closed when Python started."""
        with _lock:
            self._thread = threading.get_ident()
            _threads.append(self._thread)
            for name in _STREAMS:
                stream = _without_ended(getattr(sys, name))
                setattr(sys, name, _CopiedStream(stream, self) if stream is not None else None)

    def end(self) -> None:
        """Restore sys.stdout and sys.stderr, unless other code has replaced them since, and write what is pending.

        Raises:
            OSError: the pending text cannot be written; a second call tries it again.
        """
        self._restore_streams()
        with self._lock:
            if self._file.is_open:
                self._write()
                self._file.sync()
                self._file.close()

    def abandon(self) -> None:
        """Restore the streams, and close the file of a run that does not start."""
        self._restore_streams()
        with self._lock:
            self._file.close()

    def _restore_streams(self) -> None:
        with _lock:
            if self._thread is not None:
                _threads.remove(self._thread)
                self._thread = None
            for name in _STREAMS:
                setattr(sys, name, _without_ended(getattr(sys, name)))

    @property
    def is_active(self) -> bool:
        """Whether it is between `begin` and `end`."""
        return self._thread is not None

    @property
    def is_of_this_thread(self) -> bool:
        """Whether what this thread prints belongs to the run: it runs it, or it runs no other one."""
        thread = threading.get_ident()
        return thread == self._thread or thread not in _threads

    def add(self, text: str) -> None:
        """Append text to the file; if that fails, it is kept and written later."""
        with self._lock:
            if not self._file.is_open:
                return
            self._pending += text.encode("utf-8", "backslashreplace")
            with suppress(OSError):
                self._write()
            self._lost += max(0, len(self._pending) - _MOST_PENDING)
            self._pending = self._pending[:_MOST_PENDING]

    def sync(self) -> None:
        """Flush the operating system's buffers of the file to the disk."""
        self._file.sync()

    def keep(self, retry: WriteRetry) -> None:
        """Write the file again if others have removed or replaced it, and tell what is lost.

        Raises:
            OSError: the file cannot be written; another call tries it again.
        """
        with self._lock:
            name = self._file.path.name
            retry.tell(self._file.keep_in_place())
            if cut := self._file.cut_bytes():
                retry.lose(name, f"{name} was cut while the run went on: {cut} bytes are lost")
            if self._lost:
                retry.lose(name, f"{name} could not be written for long: {self._lost} bytes are lost")

    def _write(self) -> None:
        if self._pending:
            self._file.append(self._pending)
            self._pending = b""


class CapturedOutput:
    """Writes what Sacred captures to a file.

    Attributes:
        path: of the file.
        text: all that Sacred has captured so far.
    """

    def __init__(self, path: Path) -> None:
        """Prepare to write."""
        self.path = path
        self.text = ""
        self._characters = self._bytes = 0  # written

    def write(self) -> None:
        """Append what is new; write all of it again if others have removed or cut the file.

        Raises:
            OSError: the file cannot be written; another call tries it again.
        """
        is_whole = self.path.exists() and self.path.stat().st_size >= self._bytes
        new = self.text[self._characters if is_whole else 0 :].encode("utf-8", "backslashreplace")
        with self.path.open("ab") if is_whole else atomic_write(self.path) as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        self._characters = len(self.text)
        self._bytes = (self._bytes if is_whole else 0) + len(new)


class _CopiedStream:
    """Behaves like the stream that it wraps, and adds what is written to a copy."""

    def __init__(self, wrapped: TextIO, copy: OutputCopy) -> None:
        self.wrapped = wrapped
        self.copy = copy

    def write(self, text: str) -> int:
        written = self.wrapped.write(text)
        if self.copy.is_of_this_thread:
            self.copy.add(text)
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


def _without_ended(stream: Any) -> Any:
    """Take the wrappers of copies that have ended out of a stream, since others may have begun after them."""
    if not isinstance(stream, _CopiedStream):
        return stream
    stream.wrapped = _without_ended(stream.wrapped)
    return stream if stream.copy.is_active else stream.wrapped
