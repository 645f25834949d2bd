"""Recognises starts and deletions of runs that were killed before they were finished."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

from observers.stored_runs.liveness import age_of
from observers.system.shell import typed_path, typed_program, typed_storage

_DELETED = re.compile(r"\.deleted-(.+)-[0-9a-f]{8}")
_LONGEST_START = timedelta(minutes=1)
_FIRST_FILES = ("config.json", "info.json")  # which are written before run.json


def deleted_id(name: str) -> str | None:
    """Return the id of the run in a directory whose deletion was begun; None for a directory of another kind."""
    match = _DELETED.fullmatch(name)
    return match[1] if match is not None else None


def unfinished_deletions(runs: Path) -> list[Path]:
    """List the directories of runs whose deletion was begun but not finished.

    Raises:
        OSError: the directory of the runs cannot be read.
    """
    with os.scandir(runs) as entries:
        names = [entry.name for entry in entries if deleted_id(entry.name) and entry.is_dir(follow_symlinks=False)]
    return sorted(runs / name for name in names)


def delete_command(directory: Path) -> str:
    """Return the command that deletes what is left of a run, or finishes its deletion."""
    run_id = deleted_id(directory.name) or directory.name
    named = typed_path(directory.parent / run_id if run_id.startswith("-") else run_id)
    return f"{typed_program()} -m observers delete {named}{typed_storage(directory.parent)}"


def was_never_recorded(directory: Path) -> bool:
    """Tell whether a directory is left of a run that was killed before run.json was written.

    Raises:
        OSError: the directory cannot be read.
    """
    files = os.listdir(directory)  # noqa: PTH208
    return all(name in _FIRST_FILES or name.startswith(".") for name in files)


def may_be_starting(directory: Path) -> bool:
    """Tell whether a run that is not recorded yet may still be starting."""
    age = age_of(directory, directory.parent)
    return age is not None and age < _LONGEST_START
