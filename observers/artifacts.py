"""Stores the files that a run makes and reads, and never one in place of another."""

from collections.abc import Collection
from pathlib import Path

from sacred.dependencies import get_digest

from observers.files import copy_new


def store_artifact(directory: Path, name: str, source: Path, *, taken: Collection[str]) -> str:
    """Copy a file into the directory of a run; one of the same name and another content gets a number.

    Args:
        directory: of the run.
        name: for the file, which may have directories before it.
        source: the file.
        taken: names that are no artifacts.

    Returns:
        The name that it has got.

    Raises:
        OSError: when it cannot be copied.
        ValueError: when the name is taken, or leads out of the directory.
    """
    wanted = Path(name)
    if wanted.is_absolute() or ".." in wanted.parts or not wanted.parts or wanted.parts[0] in taken:
        raise ValueError("is no name for an artifact")
    stored, number = wanted, 1
    while not _is_same(source, directory / stored) and not copy_new(source, directory / stored):
        number += 1
        stored = wanted.with_stem(f"{wanted.stem}-{number}")
    return str(stored)


def store_by_content(directory: Path, source: Path) -> Path:
    """Copy a file to where those of all runs are, once, under its name and MD5."""
    stored = directory / f"{source.stem}_{get_digest(str(source))}{source.suffix}"
    copy_new(source, stored)
    return stored


def _is_same(source: Path, target: Path) -> bool:
    return target.is_file() and (target.samefile(source) or get_digest(str(target)) == get_digest(str(source)))
