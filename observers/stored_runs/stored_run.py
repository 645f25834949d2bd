"""Reads a run from its directory, even if files of it are missing or corrupt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from observers.directory.journal import JOURNAL
from observers.directory.recording import NOTES
from observers.stored_runs.copies import is_uuid
from observers.stored_runs.notes import Notes, read_notes
from observers.system.untrusted.json_files import read_json_inside
from observers.system.untrusted.opening import open_inside


@dataclass(frozen=True)
class StoredRun:
    """A run on disk.

    Attributes:
        directory: of the run.
        entry: the content of run.json.
        config: the content of config.json.
        info: the content of info.json, and the uuid.
        damage: one line for each file that could not be read.
        notes: the tags and notes that people gave to the run.
    """

    directory: Path
    entry: dict[str, Any]
    config: dict[str, Any]
    info: dict[str, Any]
    damage: tuple[str, ...]
    notes: Notes = field(default_factory=Notes)

    @property
    def uuid(self) -> str:
        """The name of the run wherever it is recorded."""
        return str(self.entry["uuid"])

    @property
    def status(self) -> str:
        """RUNNING, or how the run ended."""
        return str(self.entry["status"])

    @property
    def journal(self) -> Path:
        """The file of the metric points."""
        return self.directory / JOURNAL


def read_run(directory: Path) -> StoredRun:
    """Read a run.

    Raises:
        ValueError: the directory holds no run of RunDirectoryObserver, or run.json is corrupt.
    """
    return read_rest(directory, read_entry(directory))


def read_again(run: StoredRun) -> StoredRun | None:
    """Return a run as it is recorded now, None if it is no longer there."""
    with suppress(ValueError, OSError):
        now = read_run(run.directory)
        return now if now.uuid == run.uuid else None
    return None


def read_entry(directory: Path) -> Any:
    """Return the content of run.json, or the error of reading it: others are read before it is raised."""
    try:
        return read_json_inside(directory, "run.json")
    except (OSError, ValueError) as error:
        return error


def read_rest(directory: Path, entry: Any) -> StoredRun:
    """Read a run whose entry read_entry has returned.

    Raises:
        ValueError: see read_run.
    """
    if isinstance(entry, Exception):
        raise ValueError(str(entry))
    if not isinstance(entry, dict) or not isinstance(entry.get("status"), str):
        raise ValueError("run.json has no status")
    if not is_uuid(entry.get("uuid")):
        raise ValueError("run.json has no uuid: another observer recorded this run")
    damage: list[str] = []
    config = _read_mapping(directory, "config.json", damage)
    info = _read_mapping(directory, "info.json", damage)
    try:
        open_inside(directory, JOURNAL).close()
    except OSError as error:
        damage.append(str(error))
    notes = _read_notes(directory, entry, damage)
    return StoredRun(directory, entry, config, {**info, "uuid": entry["uuid"]}, tuple(damage), notes)


def _read_mapping(directory: Path, name: str, damage: list[str]) -> dict[str, Any]:
    try:
        content = read_json_inside(directory, name)
        if isinstance(content, dict):
            return content
        damage.append(f"{name} is not a mapping of names to values")
    except (OSError, ValueError) as error:
        damage.append(str(error))
    return {}


def _read_notes(directory: Path, entry: dict[str, Any], damage: list[str]) -> Notes:
    try:
        return read_notes(directory)
    except (OSError, ValueError) as error:
        if NOTES not in (entry.get("artifacts") or []):  # of a run that was recorded before the name was reserved
            damage.append(str(error))
    return Notes()
