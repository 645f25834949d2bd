"""Opens the files of runs that strangers may have changed: regular files inside of a directory, and nothing else.

A link that leads out, an absolute path, `..`, a pipe, a device or a huge file is refused, with an error of one line.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from observers.system.untrusted.descriptors import (
    DIRECTORY,
    UnsafeFileError,
    explained,
    open_descriptor,
    open_parts,
    parts_of,
    refusal,
)

__all__ = [
    "LARGEST",
    "UnsafeFileError",
    "data_parts",
    "directory_inside",
    "is_file_inside",
    "open_inside",
    "read_end",
    "read_inside",
    "size_inside",
]

LARGEST = 256 << 20
"""Bytes of the largest file that is read whole."""


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
    descriptor, _ = open_descriptor(root, name)
    try:
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
        descriptor, size = open_descriptor(root, name)
    except OSError:
        return None
    os.close(descriptor)
    return size


def read_inside(root: Path, name: object) -> bytes:
    """Read a whole file of at most LARGEST bytes.

    Raises:
        OSError: see open_inside.
        UnsafeFileError: the file is larger; the message names it.
    """
    descriptor, size = open_descriptor(root, name)
    content = b""
    try:  # without the buffer of a file object, which takes longer than a small file
        while size <= LARGEST and (part := os.read(descriptor, max(size + 1 - len(content), 1 << 16))):
            content += part
            size = max(size, len(content))
    finally:
        os.close(descriptor)
    if size > LARGEST:
        raise refusal(name, f"has {size} bytes: at most {LARGEST} are read")
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


@contextmanager
def directory_inside(root: Path, name: object) -> Iterator[int]:
    """Open a directory for calls that take `dir_fd`; no part of its name may be a link.

    Raises:
        OSError: see open_inside.
    """
    parts = parts_of(name)
    try:
        descriptor = open_parts(root, parts, DIRECTORY)
    except OSError as error:
        raise explained(error, name) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)
