"""Deletes the directory of a run in steps: rename it, empty it, remove it. Until it is empty, that can be undone.

The files that tell which run it was are removed last, so that a deletion that was killed can be finished.
"""

from __future__ import annotations

import os
import stat
import uuid
from contextlib import suppress
from pathlib import Path

from observers.errors import not_writable, phrase_of
from observers.stored_runs.unfinished import deleted_id

_LAST_FILES = ("info.json", "run.json")


class NotEmptiedError(OSError):
    """A file of the directory cannot be removed.

    Attributes:
        removed: the number of files that are gone.
    """

    def __init__(self, message: str, removed: int) -> None:
        super().__init__(message)
        self.removed = removed


def count_files(directory: Path) -> int:
    """Count the files below a directory, without following links."""
    return sum(len(files) for _, _, files in os.walk(directory))


def check_removable(directory: Path) -> None:
    """Check that the entries of a directory and of those below can be removed, as far as their modes tell.

    Raises:
        PermissionError: one of the directories cannot be changed; the message is one line.
    """
    for path, _, _ in os.walk(directory):
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise PermissionError(not_writable(path))


def set_aside(directory: Path) -> Path:
    """Rename the directory of a run, so that no command takes it for a run; return its new path.

    Raises:
        OSError: it cannot be renamed.
    """
    if deleted_id(directory.name) is not None:
        return directory
    aside = directory.with_name(f".deleted-{directory.name}-{uuid.uuid4().hex[:8]}")
    directory.rename(aside)
    return aside


def put_back(aside: Path) -> Path:
    """Undo set_aside; return the path of the run.

    Raises:
        OSError: it cannot be renamed.
    """
    directory = aside.with_name(deleted_id(aside.name) or aside.name)
    if os.path.lexists(directory):
        raise FileExistsError(f"{directory} exists again")
    return aside.rename(directory)


def empty(directory: Path) -> None:
    """Remove all but the files that tell which run it was; no link is followed.

    Raises:
        NotEmptiedError: a file cannot be removed; the message is one line.
    """
    removed = 0
    path = name = ""
    try:
        for path, directories, files, descriptor in os.fwalk(directory, topdown=False):
            kept = _LAST_FILES if Path(path) == directory else ()
            for name in [*(file for file in files if file not in kept), *directories]:
                _remove_entry(name, descriptor)
                removed += 1
    except OSError as error:
        where = os.path.relpath(f"{path}/{name}", directory)
        raise NotEmptiedError(f"{where}: {phrase_of(error)}", removed) from None
    except RecursionError:
        raise NotEmptiedError("its directories are nested too deep", removed) from None


def remove(directory: Path) -> None:
    """Remove a directory that is empty but for the files that tell which run it was.

    Raises:
        OSError: it cannot be removed.
    """
    for name in _LAST_FILES:
        with suppress(FileNotFoundError):
            _remove_entry(directory / name)
    directory.rmdir()


def _remove_entry(name: str | Path, descriptor: int | None = None) -> None:
    is_directory = stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode)
    (os.rmdir if is_directory else os.unlink)(name, dir_fd=descriptor)
