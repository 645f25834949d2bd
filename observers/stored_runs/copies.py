"""Tells a run from the copies of its directory, which have the same uuid."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from observers.system.untrusted.json_files import read_json_inside

if TYPE_CHECKING:
    from typing import TypeGuard

_LONGEST_UUID = 100  # characters


def is_uuid(value: object) -> TypeGuard[str]:
    """Tell whether a value can be the uuid of a run: a short text that any terminal and database takes."""
    return isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST_UUID


def find_copies(directories: Iterable[Path]) -> dict[Path, Path]:
    """Find the directories that hold a copy of another run among them; see find_copies_among."""
    return find_copies_among((directory, _read_entry(directory)) for directory in directories)


def find_copies_among(entries: Iterable[tuple[Path, Any]]) -> dict[Path, Path]:
    """Find the directories that hold a copy of another run.

    The original is the directory in which the run was recorded; if none of them is, that of the lowest id.

    Args:
        entries: the directories in the order of their ids, each with the content of its run.json; one with anything
            else is no copy.

    Returns:
        The original of each copy.
    """
    same: dict[str, list[tuple[bool, Path]]] = {}
    for directory, entry in entries:
        uuid = entry.get("uuid") if isinstance(entry, dict) else None
        if is_uuid(uuid):
            recorded_in = entry.get("directory")
            is_there = isinstance(recorded_in, str) and PurePath(recorded_in).name == directory.name
            same.setdefault(uuid, []).append((is_there, directory))
    copies: dict[Path, Path] = {}
    for found in same.values():
        if len(found) > 1:
            original = max(found, key=lambda candidate: candidate[0])[1]  # the first of equals
            copies |= {directory: original for _, directory in found if directory != original}
    return copies


def uuid_of(directory: Path) -> str | None:
    """Return the uuid of a run, of a damaged one from its info.json; None if that is lost as well."""
    for name in ("run.json", "info.json"):
        uuid = _read_entry(directory, name).get("uuid")
        if is_uuid(uuid):
            return uuid
    return None


def _read_entry(directory: Path, name: str = "run.json") -> dict[str, Any]:
    try:
        entry = read_json_inside(directory, name)
    except (OSError, ValueError):
        return {}
    return entry if isinstance(entry, dict) else {}
