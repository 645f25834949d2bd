"""Stores the files that a run makes and reads, and never overwrites one."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from sacred.dependencies import get_digest

from observers.system.files import atomic_write, copy_new
from observers.system.shell import typed_path, typed_text

_SHARING = stat.S_IWGRP | stat.S_IWOTH | stat.S_ISVTX | stat.S_IRWXG | stat.S_IRWXO


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


def store_by_content(directory: Path, source: Path, *, sync_name: bool = True) -> Path:
    """Copy a file into the directory that all runs share, once for each name and MD5.

    A file that is stored already needs no right to write there. Without sync_name, the caller flushes the directory.

    Raises:
        OSError: the file cannot be copied; the message says what to do if the directory belongs to another user.
    """
    digest = get_digest(str(source))
    stored = directory / f"{source.stem}_{digest}{source.suffix}"
    try:
        if stored.is_file() and get_digest(str(stored)) == digest:
            return stored
        _make_like_parent(directory)
        if not copy_new(source, stored, sync_name=sync_name) and get_digest(str(stored)) != digest:
            _replace(stored, source)
    except PermissionError:
        raise PermissionError(errno.EACCES, _refusal(directory, stored)) from None
    return stored


def _make_like_parent(directory: Path) -> None:
    """Make the directory if it is missing; those who may write to its parent may write to it."""
    with suppress(FileExistsError):
        directory.mkdir()
        directory.chmod(stat.S_IMODE(directory.stat().st_mode) | (directory.parent.stat().st_mode & _SHARING))


def _replace(stored: Path, source: Path) -> None:
    """Replace a copy that was damaged."""
    with atomic_write(stored) as file, source.open("rb") as original:
        shutil.copyfileobj(original, file)


def _refusal(directory: Path, stored: Path) -> str:
    if os.path.lexists(stored) and not os.access(stored, os.R_OK, effective_ids=True):
        command = f"chmod a+r {typed_path(stored)}"
        return f"{stored} belongs to {_owner(stored)} and cannot be read; its owner can run: {command}"
    command = f"chmod {typed_text(f'--reference={directory.parent}')} {typed_path(directory)}"
    return f"{directory} belongs to {_owner(directory)} and cannot be written to; its owner can run: {command}"


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:  # a user of another machine or container
        return f"user {path.stat().st_uid}"


def _is_same(source: Path, target: Path) -> bool:
    return target.is_file() and (target.samefile(source) or get_digest(str(target)) == get_digest(str(source)))
