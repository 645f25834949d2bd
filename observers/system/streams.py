"""Standard output and error that never end a run: they take every character, and a closed pipe is no error."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


class _PipeFile(io.FileIO):
    """A file that drops its output once the reader has closed the pipe, as `head` does."""

    def write(self, data: object) -> int:
        """Write, or drop the data if the pipe is closed."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            return memoryview(data).nbytes  # type: ignore[arg-type]


def protect_output() -> None:
    """Replace standard output and error by streams that cannot fail on a character or a closed pipe."""
    sys.stdout = _protected(sys.stdout, 1)
    sys.stderr = _protected(sys.stderr, 2)


def _protected(stream: TextIO | None, descriptor: int) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_PipeFile(descriptor, "w", closefd=False)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
