"""Copies what a program prints into a file, as it is printed.

Sacred's own capture modes lose output. `sys` reads and writes one buffer from two threads, and drops what comes after
the last heartbeat of a run that fails; `fd` can lose the end.
"""

import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

_MOST_PENDING = 1 << 20  # bytes kept in memory while the disk is full; later output is lost


class OutputCopy:
    """Copies standard output and standard error to a file between `begin` and `end`."""

    def __init__(self, path: Path) -> None:
        """Open the file to append to it.

        Raises:
            OSError: the file cannot be opened.
        """
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        self._pending = b""
        self._lock = threading.Lock()
        self._streams: dict[str, _CopiedStream] = {}

    def begin(self) -> None:
        """Replace sys.stdout and sys.stderr."""
        for name in ("stdout", "stderr"):
            self._streams[name] = _CopiedStream(getattr(sys, name), self)
            setattr(sys, name, self._streams[name])

    def end(self) -> None:
        """Restore sys.stdout and sys.stderr, unless other code has replaced them since."""
        for name, stream in self._streams.items():
            if getattr(sys, name) is stream:
                setattr(sys, name, stream.wrapped)
        self._streams = {}
        self.add("")
        with self._lock:
            file, self._file = self._file, -1
        if file >= 0:
            try:
                os.fsync(file)
            finally:
                os.close(file)

    def sync(self) -> None:
        """Flush the operating system's buffers of the file to the disk."""
        os.fsync(self._file)

    def add(self, text: str) -> None:
        """Append text to the file; on a full disk it is kept and written later."""
        with self._lock:
            pending = self._pending + text.encode("utf-8", "backslashreplace")
            try:
                while pending and self._file >= 0:
                    pending = pending[os.write(self._file, pending) :]
            except OSError:
                pass
            self._pending = pending[:_MOST_PENDING]


class _CopiedStream:
    """Behaves like the stream that it wraps, and adds what is written to a copy."""

    def __init__(self, wrapped: TextIO, copy: OutputCopy) -> None:
        self.wrapped = wrapped
        self._copy = copy

    def write(self, text: str) -> int:
        written = self.wrapped.write(text)
        self._copy.add(text)
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)
