"""Simulates power cuts: only what was flushed to the disk survives.

    with watch(directory) as disk:
        ...  # writes files, in this process
    for cut in disk.cuts:
        disk.build(cut, target, Names.FLUSHED)  # what is in the directory after the power is back

While a directory is watched, `os.fsync` and `os.fdatasync` keep what they would flush: of a file its content, of a
directory its names. There is a cut before each of these calls, and one at the end. After a cut

- a file has the content of its last flush, whatever its name was then. It is empty if it was never flushed.
- a directory has the names of its last flush, or all names up to the cut: a file system may write names earlier than
  it has to, but not later.

What the directory holds when `watch` begins is on the disk. TensorFlow and other libraries in C++ are included, as
none of them flushes anything. Files and directories are told apart by inodes, which are held open so that none is used
twice; links are not followed.
"""

import os
import resource
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path

import pytest

Directories = Mapping[int, Mapping[str, int]]
"""The inodes in each directory, by their names."""


class Names(Enum):
    """Which names survive a cut."""

    FLUSHED = auto()
    """Those that were flushed with their directory."""
    WRITTEN = auto()
    """All."""


@dataclass(frozen=True)
class Cut:
    """A moment at which the power may be cut.

    Attributes:
        before: the path that was to be flushed next, relative to the watched directory; "" at the end.
        time: UTC.
        contents: what was flushed of each file.
        directories: the names that survive.
    """

    before: str
    time: datetime
    contents: Mapping[int, bytes]
    directories: Mapping[Names, Directories]


class Disk:
    """What a directory would hold after each cut.

    Attributes:
        cuts: in the order of time.
    """

    def __init__(self, root: Path) -> None:
        """Take all that the directory holds as flushed."""
        self.cuts: list[Cut] = []
        self._root = root.resolve()
        self._held: dict[int, int] = {}  # inode -> open file
        self._are_directories: set[int] = set()
        self._lock = threading.RLock()
        self._flushed: dict[int, Mapping[str, int]] = self._names()
        self._contents = {inode: _read(file) for inode, file in self._held.items() if inode not in self._flushed}

    def build(self, cut: Cut, target: Path, names: Names) -> None:
        """Create a directory with all that survives a cut."""
        self._build(cut, cut.directories[names], self._root.stat().st_ino, target)

    def flush(self, file: int) -> None:
        """Stand in for os.fsync: remember what survives from now on.

        Raises:
            OSError: the file is not open.
        """
        status, path = os.fstat(file), Path(f"/proc/self/fd/{file}").readlink()
        if not path.is_relative_to(self._root):
            return
        with self._lock:
            self.add_cut(str(path.relative_to(self._root)))
            self._hold(f"/proc/self/fd/{file}", status.st_ino)
            if stat.S_ISDIR(status.st_mode):
                self._flushed[status.st_ino] = self._names().get(status.st_ino, {})
            else:
                self._contents[status.st_ino] = _read(self._held[status.st_ino])

    def add_cut(self, before: str) -> None:
        """Add a cut at this moment."""
        directories = {Names.FLUSHED: dict(self._flushed), Names.WRITTEN: self._names()}
        self.cuts.append(Cut(before, datetime.utcnow(), dict(self._contents), directories))

    def close(self) -> None:
        """Let go of the files; `build` needs none of them."""
        for file in self._held.values():
            os.close(file)

    def _build(self, cut: Cut, directories: Directories, inode: int, target: Path) -> None:
        target.mkdir()
        for name, child in directories.get(inode, {}).items():
            if child in self._are_directories:
                self._build(cut, directories, child, target / name)
            else:
                (target / name).write_bytes(cut.contents.get(child, b""))

    def _names(self) -> dict[int, Mapping[str, int]]:
        """Return the names in each directory now; what others remove meanwhile is left out."""
        found: dict[int, Mapping[str, int]] = {}
        for place, subdirectories, files, directory in os.fwalk(self._root):
            names = {}
            for name in (*subdirectories, *files):
                with suppress(FileNotFoundError):
                    inode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_ino
                    self._hold(f"{place}/{name}", inode)
                    names[name] = inode
            found[os.fstat(directory).st_ino] = names
            self._are_directories.add(os.fstat(directory).st_ino)
        return found

    def _hold(self, path: str, inode: int) -> None:
        if inode in self._held:
            return
        file = os.open(path, os.O_RDONLY)
        if os.fstat(file).st_ino != inode:  # replaced meanwhile
            os.close(file)
            raise FileNotFoundError(path)
        self._held[inode] = file


@contextmanager
def watch(directory: Path) -> Iterator[Disk]:
    """Watch what this process flushes below a directory."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    disk = Disk(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: disk.flush(file if isinstance(file, int) else file.fileno()))
        patch.setattr(os, "fdatasync", os.fsync)
        yield disk
    disk.add_cut("")
    disk.close()


def _read(file: int) -> bytes:
    """Read a file from its beginning, without moving the place where others read."""
    return os.pread(file, os.fstat(file).st_size, 0)
