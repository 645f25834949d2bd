"""A file that one process appends to, and that survives when others remove it, replace it or cut it."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

from observers.system.files import atomic_write

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
_CHUNK = 1 << 20  # bytes


class AppendedFile:
    """Appends to a file, without a buffer of its own.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path, *, must_be_new: bool = False) -> None:
        """Open or create the file.

        Raises:
            OSError: the file cannot be opened, or it exists and must be new.
        """
        self.path = path
        self._file = os.open(path, _FLAGS | os.O_CREAT | (os.O_EXCL if must_be_new else 0), 0o666)
        self._size = self.size()
        self._torn = 0
        self._synced = -1  # bytes that are on the disk

    def append(self, data: bytes) -> None:
        """Append all of the data.

        Raises:
            OSError: it could not be written; the file is unchanged.
        """
        if self._torn:
            self._cut_torn()
        written = os.write(self._file, data)
        if written < len(data):
            self._torn = written
            self._cut_torn()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written

    @property
    def is_open(self) -> bool:
        """Whether `append` can be called."""
        return self._file >= 0

    def size(self) -> int:
        """Return the size of the file in bytes."""
        return os.fstat(self._file).st_size

    def sync(self) -> None:
        """Flush the operating system's buffers of this file to the disk if it has grown; nothing if it is closed."""
        size = self._size
        if self.is_open and size != self._synced:
            os.fsync(self._file)
            self._synced = size

    def reopen(self) -> None:
        """Open the file again after `close`.

        Raises:
            OSError: the file cannot be opened.
        """
        if self._file < 0:
            self._file = os.open(self.path, _FLAGS)
            self._size = self.size()

    def close(self) -> None:
        """Close the file; until `reopen`, appending raises an OSError."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def switch(self) -> None:
        """Go on with the file that is under the path now.

        Raises:
            OSError: the file cannot be opened.
        """
        file = os.open(self.path, _FLAGS)
        self.close()
        self._file, self._size = file, os.fstat(file).st_size
        self._synced = -1
        self._torn = 0

    def keep_in_place(self) -> str:
        """Write the file under its path again if others have removed or replaced it.

        What they have put there gets another name.

        Returns:
            What has happened, empty if nothing.

        Raises:
            OSError: the file cannot be written.
        """
        if not self.is_open or self._is_in_place():
            return ""
        message = f"{self.path.name} was removed while the run went on, and is written again"
        if os.path.lexists(self.path):
            aside = self.path.with_name(f"{self.path.stem}.replaced-{uuid.uuid4().hex[:8]}{self.path.suffix}")
            self.path.rename(aside)
            message = f"{self.path.name} was replaced while the run went on; the other file is now {aside.name}"
        with atomic_write(self.path) as copy:
            place, end = 0, self.size() - self._torn
            while data := os.pread(self._file, min(_CHUNK, end - place), place):
                copy.write(data)
                place += len(data)
        self.switch()
        return message

    def cut_bytes(self) -> int:
        """Return how many bytes others have cut off since the last call, 0 if the file is closed."""
        if not self.is_open:
            return 0
        size = self.size() - self._torn
        cut, self._size = self._size - size, size
        return max(0, cut)

    def _is_in_place(self) -> bool:
        """Tell whether the path still leads to the open file."""
        own = os.fstat(self._file)
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)

    def _cut_torn(self) -> None:
        """Remove what an append has written in part; if this fails, the next append does it."""
        os.ftruncate(self._file, self.size() - self._torn)
        self._torn = 0
