"""Opens a file below a directory, part by part of its name, and says in a line why it is not opened."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from observers.errors import phrase_of

_PLAIN = re.compile(r"(?!\.\.?$)[\w.-]+", re.ASCII)  # names that need no second look
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""The flags of open(2) for a directory that is not a link."""

_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class UnsafeFileError(OSError):
    """A file is not opened, because it is no regular file inside of its directory; the message is one line."""


def open_descriptor(root: Path, name: object) -> tuple[int, int]:
    """Open a file as open_inside does; return the descriptor, and the number of bytes."""
    parts = parts_of(name)
    try:
        try:
            descriptor = open_parts(root, parts)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
            descriptor = open_parts(root, _parts_of_target(root, parts, name))
    except OSError as error:
        raise explained(error, name) from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise refusal(name, f"is {_KINDS.get(stat.S_IFMT(found.st_mode), 'no regular file')}")
    return descriptor, found.st_size


def parts_of(name: object) -> tuple[str, ...]:
    """Return the parts of a relative path, without asking the file system."""
    if type(name) is str and _PLAIN.fullmatch(name):
        return (name,)
    if not isinstance(name, (str, Path)) or not str(name):
        raise refusal(name, "is not the name of a file")
    text = str(name)
    try:
        os.fsencode(text)
    except UnicodeError:
        raise refusal(name, "is not the name of a file") from None
    path = Path(text)
    if "\0" in text or path.is_absolute() or ".." in path.parts or not path.parts:
        raise refusal(name, "is outside of the directory")
    return path.parts


def open_parts(root: Path, parts: tuple[str, ...], flags: int = _FILE) -> int:
    """Open a file, part by part, so that nobody can put a link in its way; return the descriptor."""
    if len(parts) == 1:
        return os.open(f"{root}/{parts[0]}", flags)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, DIRECTORY, dir_fd=descriptor)
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
        raise refusal(name, "is a link to itself") from None
    if target == real_root or not target.is_relative_to(real_root):
        raise refusal(name, "is a link that leads out of the directory")
    return target.relative_to(real_root).parts


def refusal(name: object, reason: str) -> UnsafeFileError:
    """Return the error for a file that is not opened."""
    error = UnsafeFileError(f"{shown(name)} {reason}")
    error.strerror = reason
    return error


def explained(error: OSError, name: object) -> OSError:
    """Return an error of the same type, without errno, with a message of one line that names the file."""
    if isinstance(error, UnsafeFileError):
        return error
    if error.errno == errno.ENXIO:
        return refusal(name, "is a socket")
    phrase = phrase_of(error)
    told = type(error)(shown(name) + (" is missing" if isinstance(error, FileNotFoundError) else f": {phrase}"))
    told.strerror = phrase
    return told


def shown(name: object) -> str:
    """Return a name for a message: a foreign one may hold anything."""
    text = str(name)[:200]
    return text if text and text.isprintable() else ascii(text)
