"""Makes the directory of a new run under a temporary name, and removes what killed processes left behind.

A run gets its directory `<id>` only when the first files are in it, so that no reader finds a run without them.
"""

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from observers.system.files import sync_directory

_NEW = re.compile(r"\.new-[0-9a-f]{12}")
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{12}")  # see system.files
_SHARED = ("_sources", "_resources")
_OLD = 24 * 3600.0  # seconds


def make_directory(runs: Path) -> Path:
    """Make an empty directory with a temporary name beside the runs; it is on the same file system.

    Raises:
        OSError: it cannot be made.
    """
    runs.mkdir(parents=True, exist_ok=True)
    directory = runs / f".new-{uuid.uuid4().hex[:12]}"
    directory.mkdir()
    return directory


def give_name(directory: Path, name: Path) -> None:
    """Rename a directory, and flush its name to the disk; if that fails, it has its old name again.

    Raises:
        OSError: there is a directory of that name which is not empty, or the name cannot be flushed.
    """
    directory.rename(name)
    try:
        sync_directory(name.parent)
    except OSError:
        name.rename(directory)  # a start that fails leaves no run, and is tried again
        raise


def remove_leftovers(runs: Path) -> list[str]:
    """Remove temporary files and directories of starts that were killed more than a day ago.

    The clock is that of the file system: it may be a server's, and differ from this machine's.

    Returns:
        The path of each that was removed.
    """
    found = list(_temporary(runs))
    if not found:
        return []
    removed = []
    try:
        with tempfile.NamedTemporaryFile(dir=runs, prefix=".now-") as file:
            now = Path(file.name).stat().st_mtime
    except OSError:  # nothing can be removed there either
        return []
    for path in found:
        try:
            if now - path.lstat().st_mtime > _OLD:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed.append(str(path))
        except OSError:  # another process removes it, or it belongs to another user
            continue
    return removed


def _temporary(runs: Path) -> Iterator[Path]:
    for directory, pattern in ((runs, _NEW), *((runs / name, _TEMPORARY) for name in _SHARED)):
        try:
            found = [directory / name for name in os.listdir(directory) if pattern.fullmatch(name)]  # noqa: PTH208
            yield from [path for path in found if not path.is_symlink() and path.is_dir() == (pattern is _NEW)]
        except OSError:
            continue
