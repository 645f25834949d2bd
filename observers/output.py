"""Copies what a program prints into a file, as it is printed.

Sacred's own captures lose some: `sys` reads and writes one buffer from two threads and forgets what came after the
last heartbeat of a run that fails, `fd` can lose the tail.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

_HELD = 1 << 20  # bytes that are kept when the disk is full; what comes then is lost


class OutputCopy:
    """Standard output and error, copied to a file from `begin` to `end`."""

    def __init__(self, path: Path) -> None:
        """Append to the file.

        Raises:
            OSError: when it cannot be opened.
        """
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        self._held = b""
        self._lock = threading.Lock()
        self._streams: dict[str, _Copied] = {}

    def begin(self) -> None:
        """Stand in for sys.stdout and sys.stderr."""
        for name in ("stdout", "stderr"):
            self._streams[name] = _Copied(getattr(sys, name), self)
            setattr(sys, name, self._streams[name])

    def end(self) -> None:
        """Give sys.stdout and sys.stderr back, unless somebody else has replaced them meanwhile."""
        for name, stream in self._streams.items():
            if getattr(sys, name) is stream:
                setattr(sys, name, stream.wrapped)
        self._streams = {}
        self.add("")
        with self._lock:
            file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def add(self, text: str) -> None:
        """Append to the file; a disk that is full keeps nobody from printing."""
        with self._lock:
            held = self._held + text.encode("utf-8", "backslashreplace")
            try:
                while held and self._file >= 0:
                    held = held[os.write(self._file, held) :]
            except OSError:
                pass
            self._held = held[:_HELD]


class _Copied:
    """A stream that hands on everything, and adds what is written to a copy."""

    def __init__(self, wrapped: TextIO, copy: OutputCopy) -> None:
        self.wrapped = wrapped
        self._copy = copy

    def write(self, text: str) -> int:
        written = self.wrapped.write(text)
        self._copy.add(text)
        return written

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)
