"""Opens the journal of a search: a file in the runs directory that several machines may share.

Optuna appends each change as a line, and locks the journal with a file of its own, which NFS supports as well.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

_GRACE = 10  # seconds after which the lock of a killed process is removed


class _WholeLines(JournalFileOpenLock):
    """The lock of a journal whose last line is whole once the lock is held.

    A process that is killed while it appends, or a full disk, may leave a part of a line. Nobody relies on it, and
    Optuna could not read what would follow.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), grace_period=_GRACE)
        self._path = path

    def acquire(self) -> bool:
        acquired = super().acquire()
        try:
            _remove_partial_line(self._path)
        except BaseException:
            self.release()
            raise
        return acquired

    def release(self) -> None:
        with suppress(RuntimeError):  # it was held for so long that another process has removed it
            super().release()


class _NamedFile(JournalFileBackend):
    """A journal that is named when it cannot be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _WholeLines(path))
        self._path = path

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        try:
            super().append_logs(logs)
        except OSError as error:  # a full disk has no file name
            raise OSError(error.errno, error.strerror, error.filename or str(self._path)) from error


def open_journal(path: Path) -> JournalStorage:
    """Open a journal, and create it if there is none.

    Raises:
        OSError: if it cannot be read or created.
        ValueError: if it is damaged.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    path.parent.mkdir(parents=True, exist_ok=True)
    with named_if_damaged(path):
        return JournalStorage(_NamedFile(path))


@contextmanager
def named_if_damaged(path: Path) -> Iterator[None]:
    """Say in such a block which journal is damaged, and what to do.

    Raises:
        ValueError: Optuna cannot read it.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, AssertionError) as error:
        raise ValueError(f"{path} is damaged ({error}): move it away, and the search begins anew") from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let no other process of this or another machine into such a block of the same path; wait for those in it."""
    lock = JournalFileOpenLock(str(path), grace_period=_GRACE)
    lock.acquire()
    try:
        yield
    finally:
        with suppress(RuntimeError):
            lock.release()


def _remove_partial_line(path: Path) -> None:
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        start = end
        while start > 0:
            start = max(0, start - 4096)
            file.seek(start)
            found = file.read(min(4096, end - start)).rfind(b"\n")
            if found >= 0:
                start += found + 1
                break
        if start < end:
            file.truncate(start)
