"""Keeps texts that grow, all but their ends in a temporary file, so that memory does not grow with them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO

_MOST_HELD = 1 << 14  # bytes of a text in memory


class Spool:
    """A temporary file that several texts share; it is there from the first write on, and has no name."""

    def __init__(self, directory: Path) -> None:
        """Prepare to write into a directory."""
        self._directory = directory
        self._file: IO[bytes] | None = None
        self._size = 0

    def write(self, text: bytes) -> int:
        """Append a text and return its place.

        Raises:
            OSError: it could not be written.
        """
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._directory, buffering=0)  # noqa: SIM115 - stays open
        place = self._size
        written = 0
        while written < len(text):
            written += os.pwrite(self._file.fileno(), text[written:], place + written)
        self._size += len(text)
        return place

    def read(self, place: int, length: int) -> bytes:
        """Return a text at a place."""
        return b"" if self._file is None else os.pread(self._file.fileno(), length, place)

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()


class SpooledText:
    """Texts of JSON, separated by commas."""

    def __init__(self, spool: Spool) -> None:
        """Begin without any."""
        self._spool = spool
        self._held: list[bytes] = []
        self._length = 0
        self._parts: list[tuple[int, int]] = []

    def add(self, text: bytes) -> None:
        """Add texts that are separated by commas.

        Raises:
            OSError: the temporary file could not be written.
        """
        self._held.append(text)
        self._length += len(text) + 1
        if self._length > _MOST_HELD:
            part = b",".join(self._held)
            self._parts.append((self._spool.write(part), len(part)))
            self._held, self._length = [], 0

    def write_to(self, file: IO[bytes]) -> None:
        """Write all texts."""
        for number, (place, length) in enumerate(self._parts):
            file.write(b"," if number else b"")
            file.write(self._spool.read(place, length))
        if self._held:
            file.write(b"," if self._parts else b"")
            file.write(b",".join(self._held))
