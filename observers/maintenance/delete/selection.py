"""Selects what is to be deleted: runs, and what is left of starts and deletions that were killed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from observers.stored_runs.selection import is_named, select_runs
from observers.stored_runs.unfinished import deleted_id, unfinished_deletions
from observers.system.stderr import Warn
from observers.system.untrusted.opening import is_file_inside


def select_for_deletion(runs: Path, ids: Sequence[str], conditions: str | None, warn: Warn) -> list[Path]:
    """Find the directories that the ids and conditions name.

    Args:
        runs: the directory of the runs.
        ids: ids and ranges; they also name directories without a run.json, and deletions that are not finished.
        conditions: hold only for runs that can be read.
        warn: see select_runs.

    Raises:
        ValueError: see select_runs.
        OSError: the directory of the runs cannot be read.
    """
    if conditions is not None or not ids:
        return select_runs(runs, ids, conditions, warn)
    left = dict(_left_by_killed_processes(runs)) if runs.is_dir() else {}
    found: dict[Path, None] = {}
    for item in ids:
        matching = [directory for directory, run_id in left.items() if is_named(item, run_id)]
        try:
            found |= dict.fromkeys(select_runs(runs, [item], None, warn))
        except ValueError:
            if not matching:
                raise
        found |= dict.fromkeys(matching)
    return list(found)


def _left_by_killed_processes(runs: Path) -> Iterator[tuple[Path, str]]:
    """Return the directories that no run can be read from, each with the id that it has or had."""
    for directory in unfinished_deletions(runs):
        yield directory, deleted_id(directory.name) or ""
    with os.scandir(runs) as entries:
        names = [entry.name for entry in entries if entry.name.isdecimal() and entry.is_dir(follow_symlinks=False)]
    for name in names:
        if not is_file_inside(runs / name, "run.json"):
            yield runs / name, name
