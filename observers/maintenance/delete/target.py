"""What a deletion knows of a directory: which run it holds, and whether it can be deleted now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observers.stored_runs.copies import find_copies, uuid_of
from observers.stored_runs.liveness import is_running, status_now
from observers.stored_runs.notes import Notes, read_notes
from observers.stored_runs.runs_directory import run_directories
from observers.stored_runs.unfinished import deleted_id, may_be_starting, was_never_recorded
from observers.system.untrusted.json_files import read_json_inside


@dataclass(frozen=True, eq=False)
class Target:
    """A directory to delete.

    Attributes:
        directory: of a run, or of an unfinished deletion.
        entry: the content of run.json; None if that cannot be read.
        uuid: of the run; None if that is lost.
        kind: what the directory holds, for a person.
    """

    directory: Path
    entry: Any
    uuid: str | None
    kind: str


def read_target(directory: Path) -> Target:
    """Read what is known of a directory, however damaged."""
    try:
        entry = read_json_inside(directory, "run.json")
    except (OSError, ValueError):
        entry = None
    return Target(directory, entry, uuid_of(directory), _kind(directory, entry))


def refusal(target: Target) -> str | None:
    """Return in a line why a run cannot be deleted now, None if it can."""
    directory, entry = target.directory, target.entry
    if deleted_id(directory.name) is not None:
        return None
    if isinstance(entry, dict) and entry.get("status") == "RUNNING" and is_running(entry, directory=directory):
        if directory in find_copies(run_directories(directory.parent)):
            return None
        return f"{directory} is still running: stop it first"
    if entry is None and _is_unrecorded(directory) and may_be_starting(directory):
        return f"{directory} may be a run that is just starting: try again in a minute"
    return None


def _kind(directory: Path, entry: Any) -> str:
    if deleted_id(directory.name) is not None:
        return "its deletion is not finished"
    if not isinstance(entry, dict) or not isinstance(entry.get("status"), str):
        return "killed before it was recorded" if _is_unrecorded(directory) else "damaged"
    tags = _tags(directory)
    return str(status_now(entry, directory=directory)) + (f", tagged {', '.join(tags)}" if tags else "")


def _tags(directory: Path) -> tuple[str, ...]:
    try:
        return read_notes(directory).tags
    except (OSError, ValueError):
        return Notes().tags


def _is_unrecorded(directory: Path) -> bool:
    try:
        return was_never_recorded(directory)
    except OSError:
        return False
