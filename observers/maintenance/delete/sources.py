"""Deletes copies of sources that only deleted runs had, of those that all runs of a directory share."""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from observers.stored_runs.runs_directory import run_directories
from observers.stored_runs.unfinished import may_be_starting, unfinished_deletions
from observers.system.untrusted.json_files import read_json_inside
from observers.system.untrusted.opening import directory_inside

_SOURCES = "_sources"


def copies_of(entry: Any) -> set[str]:
    """Return the names of the copies in `_sources` that a run has.

    Args:
        entry: the content of run.json.

    Raises:
        ValueError: it does not hold the sources of a run.
    """
    try:
        sources = (entry.get("experiment") or {}).get("sources") or []
        paths = [PurePosixPath(copy) for _, copy in sources]
    except (AttributeError, TypeError, ValueError):
        raise ValueError("run.json does not name the sources of a run") from None
    return {path.name for path in paths if path.parts[:-1] == (_SOURCES,) and path.name != ".."}


def delete_unused(runs: Path, copies: Collection[str], deleted: Collection[Path]) -> None:
    """Delete copies that no remaining run needs; if that cannot be known, delete none.

    Args:
        runs: the directory of the runs.
        copies: names in `_sources`.
        deleted: the directories of the deleted runs.
    """
    if not copies:
        return
    before = set(os.listdir(runs))  # noqa: PTH208
    try:
        unused = set(copies).difference(*_needed(runs, deleted))
        with directory_inside(runs, _SOURCES) as descriptor:
            if not unused or set(os.listdir(runs)) - before:  # noqa: PTH208  # a run has just started
                return
            for name in unused:
                with suppress(OSError):  # it stays, which does no harm
                    os.unlink(name, dir_fd=descriptor)
    except (OSError, ValueError):
        return


def _needed(runs: Path, deleted: Collection[Path]) -> Iterator[set[str]]:
    """Return the copies that each remaining run needs, those whose deletion is not finished included.

    Raises:
        OSError, ValueError: a run cannot be read, or may be starting.
    """
    for directory in [*run_directories(runs), *unfinished_deletions(runs)]:
        if directory in deleted:
            continue
        try:
            yield copies_of(read_json_inside(directory, "run.json"))
        except FileNotFoundError:
            if may_be_starting(directory):
                raise
