"""Finds the sources of the project that are not in the commit."""

import fnmatch
import functools
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from experiments.recording.repository.command import run_git
from experiments.recording.repository.imported import imported_files

_PACKAGES = ("core", "experiments", "observers", "analysis")
_SOURCES = ("*.py", "*.toml", "*.yml", "constraints.txt", "Makefile")
_ENVIRONMENTS = ("site-packages", "node_modules", "__pycache__")


def untracked_sources(scratch: Path, top: Path, root: Path, tracked: Collection[str]) -> list[str]:
    """Find the sources in the packages and at the root that git does not ignore, and those that are imported.

    Args:
        scratch: a git directory.
        top: the directory of the work tree.
        root: of the project.
        tracked: the files in the commit, from the top.

    Returns:
        Their names, from the top.

    Raises:
        GitError: if git cannot tell what it ignores.
    """
    found = {path.relative_to(top).as_posix() for path in _source_files(root)}.difference(tracked)
    given = b"".join(os.fsencode(name) + b"\0" for name in sorted(found))
    ignored = run_git(scratch, "check-ignore", "-z", "--stdin", work_tree=top, given=given, accepted=(0, 1))
    imported = {path.relative_to(top).as_posix() for path in _imported_files(root)}.difference(tracked)
    return sorted(found.difference(os.fsdecode(ignored).split("\0")) | imported)


def _source_files(root: Path) -> Iterator[Path]:
    """Yield the sources at the root and in the packages, but those of an environment."""
    places = [next(os.walk(root), (str(root), [], []))]
    for package in (name for name in _PACKAGES if not (root / name).is_symlink()):
        for directory, folders, names in os.walk(root / package):
            folders[:] = [name for name in folders if not _is_environment(Path(directory, name))]
            places.append((directory, folders, names))
    for directory, _, names in places:
        for name in names:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in _SOURCES) and Path(directory, name).is_file():
                yield Path(directory, name)


def _imported_files(root: Path) -> Iterator[Path]:
    """Yield the sources below the root that this process has imported, but those of an environment or of tests."""

    @functools.cache
    def is_of_project(folder: str) -> bool:
        """TensorFlow has thousands of files in hundreds of folders, and a folder is in few others."""
        above, _, _ = folder.rpartition(os.sep)
        is_within = not above or is_of_project(above)
        return is_within and folder != "tests" and not (folder and _is_environment(root / folder))

    prefix = f"{root}{os.sep}"
    for file in {file for file in imported_files().values() if file.startswith(prefix) and file.endswith(".py")}:
        folder, _, _ = file.removeprefix(prefix).rpartition(os.sep)
        path = Path(file)
        if is_of_project(folder) and path.is_file():
            yield path


def _is_environment(directory: Path) -> bool:
    name = directory.name
    return name.startswith(".") or name in _ENVIRONMENTS or (directory / "pyvenv.cfg").exists()
