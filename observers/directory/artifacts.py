"""Stores the files that a run makes and reads, and never overwrites one."""

from collections.abc import Collection
from pathlib import Path

from sacred.dependencies import get_digest

from observers.system.files import atomic_write, copy_new


def store_artifact(directory: Path, name: str, source: Path, *, reserved: Collection[str]) -> str:
    """Copy a file into a run directory; if another file has its name, it gets a number.

    Args:
        directory: of the run.
        name: of the artifact, which may begin with directories.
        source: the file.
        reserved: names that no artifact may have.

    Returns:
        The name under which the file is stored.

    Raises:
        OSError: the file cannot be copied.
        ValueError: the name is reserved, or leads out of the directory.
    """
    wanted = Path(name)
    if wanted.is_absolute() or ".." in wanted.parts or not wanted.parts or wanted.parts[0] in reserved:
        raise ValueError("not a name for an artifact")
    stored, number = wanted, 1
    while not _is_same(source, directory / stored) and not copy_new(source, directory / stored):
        number += 1
        stored = wanted.with_stem(f"{wanted.stem}-{number}")
    return str(stored)


def store_by_content(directory: Path, source: Path) -> Path:
    """Copy a file into the directory that all runs share, once for each name and MD5.

    A copy that is damaged, say by a power cut, is replaced.
    """
    digest = get_digest(str(source))
    stored = directory / f"{source.stem}_{digest}{source.suffix}"
    if stored.is_file() and get_digest(str(stored)) == digest:
        return stored
    if not copy_new(source, stored):
        with atomic_write(stored) as file:
            file.write(source.read_bytes())
    return stored


def _is_same(source: Path, target: Path) -> bool:
    return target.is_file() and (target.samefile(source) or get_digest(str(target)) == get_digest(str(source)))
