"""Opens the files of runs that strangers may have changed: regular files inside of a directory, and nothing else.

A link that leads out, an absolute path, `..`, a pipe, a device or a huge file is refused, with an error of one line.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

LARGEST = 256 << 20
"""Bytes of the largest file that is read whole."""

_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class UnsafeFileError(OSError):
    """A file is not opened, because it is no regular file inside of its directory; the message is one line."""


def open_inside(root: Path, name: object) -> BufferedReader:
    """Open a file for reading.

    Args:
        root: the directory, which may itself be a link: that of a run, or that of all runs for `_sources/...`.
        name: the path relative to it, as a run names it. A link may lead to another file inside of the root.

    Raises:
        FileNotFoundError: there is no such file.
        UnsafeFileError: the name leads out of the root, or is not that of a regular file.
        OSError: the file cannot be opened.
    """
    parts = _parts(name)
    try:
        try:
            descriptor = _open_parts(root, parts)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
            descriptor = _open_parts(root, _parts_of_target(root, parts, name))
    except OSError as error:
        raise _explained(error, name) from None
    try:
        kind = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(kind):
            raise _refusal(name, f"is {_KINDS.get(stat.S_IFMT(kind), 'no regular file')}")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def is_file_inside(root: Path, name: object) -> bool:
    """Tell whether open_inside can open a file."""
    return size_inside(root, name) is not None


def size_inside(root: Path, name: object) -> int | None:
    """Return the number of bytes of a file, None if open_inside cannot open it."""
    try:
        with open_inside(root, name) as file:
            return os.fstat(file.fileno()).st_size
    except OSError:
        return None


def read_inside(root: Path, name: object, most: int = LARGEST) -> bytes:
    """Read a whole file of at most so many bytes.

    Raises:
        OSError: see open_inside.
        UnsafeFileError: the file is larger; the message names it.
    """
    with open_inside(root, name) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(most + 1) if size <= most else b""
    if max(size, len(content)) > most:
        raise _refusal(name, f"has {size} bytes: at most {most} are read")
    return content


def read_end(root: Path, name: object, most: int) -> tuple[bytes, int]:
    """Read the last bytes of a file.

    Returns:
        At most so many bytes, and the number of those before them.

    Raises:
        OSError: see open_inside.
    """
    with open_inside(root, name) as file:
        start = max(0, os.fstat(file.fileno()).st_size - most)
        file.seek(start)
        return file.read(most), start


def data_parts(file: BufferedReader) -> Iterator[bytes]:
    """Read a file in parts of up to 1 MB, without its holes, of which a small file may have a terabyte."""
    end = 0
    with suppress(OSError):  # no data follows
        while part := os.pread(file.fileno(), 1 << 20, start := os.lseek(file.fileno(), end, os.SEEK_DATA)):
            yield part
            end = start + len(part)


def shown(name: object) -> str:
    """Return a name for a message: a foreign one may hold anything."""
    text = str(name)[:200]
    return text if text and text.isprintable() else ascii(text)


@contextmanager
def directory_inside(root: Path, name: object) -> Iterator[int]:
    """Open a directory for calls that take `dir_fd`; no part of its name may be a link.

    Raises:
        OSError: see open_inside.
    """
    parts = _parts(name)
    try:
        descriptor = _open_parts(root, parts, _DIRECTORY)
    except OSError as error:
        raise _explained(error, name) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def _parts(name: object) -> tuple[str, ...]:
    """Return the parts of a relative path, without asking the file system."""
    if not isinstance(name, (str, Path)) or not str(name):
        raise _refusal(name, "is not the name of a file")
    text = str(name)
    try:
        os.fsencode(text)
    except UnicodeError:
        raise _refusal(name, "is not the name of a file") from None
    path = Path(text)
    if "\0" in text or path.is_absolute() or ".." in path.parts or not path.parts:
        raise _refusal(name, "is outside of the directory")
    return path.parts


def _open_parts(root: Path, parts: tuple[str, ...], flags: int = _FILE) -> int:
    """Open a file, part by part, so that nobody can put a link in its way; return the descriptor."""
    if len(parts) == 1:
        return os.open(root / parts[0], flags)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        return os.open(parts[-1], flags, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _parts_of_target(root: Path, parts: tuple[str, ...], name: object) -> tuple[str, ...]:
    """Return where links lead, as parts below the root."""
    try:
        real_root = root.resolve(strict=True)
        target = root.joinpath(*parts).resolve(strict=True)
    except RuntimeError:
        raise _refusal(name, "is a link to itself") from None
    if target == real_root or not target.is_relative_to(real_root):
        raise _refusal(name, "is a link that leads out of the directory")
    return target.relative_to(real_root).parts


def _refusal(name: object, reason: str) -> UnsafeFileError:
    error = UnsafeFileError(f"{shown(name)} {reason}")
    error.strerror = reason
    return error


def _explained(error: OSError, name: object) -> OSError:
    """Return an error of the same type with a message of one line that names the file."""
    if isinstance(error, UnsafeFileError):
        return error
    if error.errno == errno.ENXIO:
        return _refusal(name, "is a socket")
    problem = " is missing" if isinstance(error, FileNotFoundError) else f": {error.strerror}"
    explained = type(error)(shown(name) + problem)
    explained.strerror = error.strerror
    return explained
