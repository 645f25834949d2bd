"""Keeps what is printed from ever ending a run."""

import io
import os
import sys
from typing import TextIO


class _PatientFile(io.FileIO):
    """A file whose reader may go away, as `head` does: what is written then is dropped."""

    def write(self, data: object) -> int:
        """Write, or drop what nobody reads."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            return memoryview(data).nbytes  # type: ignore[arg-type]


def protect_output() -> None:
    """Replace standard output and error by streams that take every character and outlive their readers."""
    sys.stdout = _protected(sys.stdout, 1)
    sys.stderr = _protected(sys.stderr, 2)


def _protected(stream: TextIO | None, descriptor: int) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_PatientFile(descriptor, "w", closefd=False)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
