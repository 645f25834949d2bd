"""Standard streams that never end a run: they take every character, and keep an error of writing for the end.

Whether the reader has closed the pipe, the disk behind a redirect is full or the terminal is gone, the work goes on.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
from contextlib import suppress
from typing import Any, TextIO

_DESCRIPTORS = {"stdin": 0, "stdout": 1, "stderr": 2}


class _OutputFile(io.FileIO):
    """A file that drops what it cannot write.

    Attributes:
        error: why something was dropped, None as long as nothing was, or only because its reader had gone.
    """

    error: OSError | None = None

    def write(self, data: Any) -> int:
        """Write, and wait if another program has made the pipe non-blocking; drop the data if that fails."""
        try:
            while (written := super().write(data)) is None:
                select.select([], [self], [])
            return written
        except OSError as error:
            if not self._has_no_reader(error):
                self.error = error
            return memoryview(data).nbytes

    def _has_no_reader(self, error: OSError) -> bool:
        """Tell whether an error says that a pipe or a terminal was closed, as `head` does."""
        is_gone = error.errno == errno.EIO and stat.S_ISCHR(os.fstat(self.fileno()).st_mode)
        return isinstance(error, BrokenPipeError) or is_gone


_protected: dict[str, _OutputFile] = {}
_replaced: list[TextIO | None] = []  # kept: such a stream may close its descriptor when it is deleted


def open_closed_descriptors() -> None:
    """Open /dev/null in place of descriptors 0 to 2 that are closed: the next file would be taken for the stream."""
    for name, descriptor in _DESCRIPTORS.items():
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            os.set_inheritable(descriptor, True)
        if name == "stdin" and sys.stdin is None:
            sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115


def protect_output() -> None:
    """Replace standard output and error by streams that cannot fail, unless they are such streams already.

    Call it before other files are opened: it opens descriptors 0 to 2 where they are closed.
    """
    open_closed_descriptors()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not _is_protected(stream):
            _protected[name] = _OutputFile(_DESCRIPTORS[name], "w", closefd=False)
            protected = _wrapped(_protected[name], stream)
            _replaced.extend([stream, getattr(sys, f"__{name}__")])
            setattr(sys, name, protected)
            setattr(sys, f"__{name}__", protected)


def output_error() -> OSError | None:
    """Flush standard output and error, and return why something could not be written; None if a reader has gone."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return next((file.error for file in _protected.values() if file.error is not None), None)


def _is_protected(stream: Any) -> bool:
    return isinstance(getattr(getattr(stream, "buffer", None), "raw", None), _OutputFile)


def _wrapped(file: _OutputFile, stream: TextIO | None) -> TextIO:
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.flush()
    encoding = stream.encoding if stream is not None else "utf-8"
    return io.TextIOWrapper(io.BufferedWriter(file), encoding=encoding, errors="backslashreplace", line_buffering=True)
