"""Gives each run an id that no other run has or had, also to runs that start at once.

The file `.last_id` beside the runs holds the highest id, so that the id of a deleted run is not given again. A lock on
it keeps runs that start at once apart. Where the file cannot be written or locked, the id is still exclusive: a
directory cannot be renamed to the name of another run.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LAST_ID = ".last_id"
"""The name of the file."""

_LONGEST_WAIT = 10.0  # seconds for the lock
_MOST_ATTEMPTS = 1000
_TAKEN = re.compile(r"([0-9]+)|\.deleted-([0-9]+)-.*")  # the directory of a run, or what remains of a deleted one
MOST_DIGITS = 18
"""Of an id; MongoDB stores ids in 64 bits."""


def give_id(runs: Path, run_id: object, take: Callable[[Path], None]) -> Path:
    """Find a free id and let a function create the directory of that name.

    Args:
        runs: the directory of the runs.
        run_id: None is one more than the highest id ever given.
        take: creates the directory, or raises an OSError if it exists and is not empty.

    Returns:
        The directory.

    Raises:
        OSError: the given id is taken, or the directory cannot be created.
    """
    for attempt in range(_MOST_ATTEMPTS):
        with _last_id(runs) as file:
            ids = _taken_ids(runs)
            name = str(max([*ids, _read(file)], default=0) + 1) if run_id is None else str(run_id)
            target = runs / name
            try:
                if os.path.lexists(target) or (name.isdecimal() and int(name) in ids):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
                take(target)
                _write(file, name)
                return target
            except OSError as error:  # another run has just taken it, without a lock
                is_taken = error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
                if run_id is not None or not is_taken or attempt == _MOST_ATTEMPTS - 1:
                    raise
    raise AssertionError("unreachable")


def last_id(runs: Path) -> int:
    """Return the highest id that was given in a directory, 0 if that is not known."""
    with suppress(OSError), _last_id(runs) as file:
        return _read(file)
    return 0


def _taken_ids(runs: Path) -> set[int]:
    found = map(_TAKEN.fullmatch, os.listdir(runs))  # noqa: PTH208 - a Path for each of thousands takes longer
    texts = [match[1] or match[2] for match in found if match is not None]
    return {int(text) for text in texts if len(text) <= MOST_DIGITS}


@contextmanager
def _last_id(runs: Path) -> Iterator[int | None]:
    """Open and lock the file of the last id; None if it cannot be opened."""
    file = _open(runs)
    try:
        if file is not None:
            _lock(file)
        yield file
    finally:
        if file is not None:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)  # which a fork would hold on to
            os.close(file)


def _open(runs: Path) -> int | None:
    """Open the file, and create it writable for those who can write to the directory of the runs."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    file = None
    with suppress(OSError):
        try:
            file = os.open(runs / LAST_ID, flags)
        except FileNotFoundError:
            with suppress(FileExistsError):
                file = os.open(runs / LAST_ID, flags | os.O_CREAT | os.O_EXCL, 0o600)
                os.fchmod(file, 0o600 | (runs.stat().st_mode & 0o066))
                os.write(file, b"0\n")  # takes the space before the run has a directory
            file = os.open(runs / LAST_ID, flags) if file is None else file
    if file is not None and not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    return file


def _lock(file: int) -> None:
    """Lock the file; go on without if another process holds it for long, or the file system has no locks."""
    end = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < end:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(0.005)
        except OSError:
            return


def _read(file: int | None) -> int:
    """Return the highest id that was given, 0 if the file does not say."""
    if file is None:
        return 0
    with suppress(OSError):
        text = os.pread(file, 64, 0).strip()
        return int(text) if text.isdigit() and len(text) <= MOST_DIGITS else 0
    return 0


def _write(file: int | None, name: str) -> None:
    """Remember an id if it is the highest; the directories tell it as well, so this may fail."""
    if file is None or not name.isdecimal() or len(name) > MOST_DIGITS or int(name) <= _read(file):
        return
    with suppress(OSError):
        line = f"{int(name)}\n".encode()
        os.pwrite(file, line, 0)
        os.ftruncate(file, len(line))
        os.fsync(file)
