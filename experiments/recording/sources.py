"""Tells Sacred the sources and packages of a run."""

import os
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from sacred import Experiment
from sacred.dependencies import PackageDependency, Source, get_digest

from experiments.pipeline.errors import UserError
from experiments.recording.git import Commit
from experiments.recording.repository.imported import imported_files

PACKAGES = ("core", "experiments", "observers")
"""The packages whose modules are sources of a run."""

_SWEEPS = ("experiments/sweep.py", "experiments/sweeps/")
"""These start runs, and are no sources of one."""

_FIELD = re.compile(r"^(Name|Version): *(.*?) *$", re.MULTILINE)
_PROJECT = "zahlwort"


def register_sources(experiment: Experiment, root: Path, commit: Commit) -> None:
    """Register every imported source of the project, and every installed package, with an experiment.

    Sacred does this when an Experiment is made, before a command imports what it needs, and asks git about every
    file. This is called late, and asks git nothing.

    Args:
        experiment: gets its sources and dependencies.
        root: of the project.
        commit: of the project.
    """
    main_file = experiment.mainfile
    main_file.repo, main_file.commit, main_file.is_dirty = commit.url, commit.sha, commit.is_dirty
    others = {Source(path, get_digest(path), None, None, None) for path in _imported_sources(root)} - {main_file}
    experiment.sources = others | {main_file}
    experiment.dependencies = {PackageDependency(*package) for package in installed_packages().items()}


def refuse_mixed_trees(root: Path) -> None:
    """Refuse modules of the project from elsewhere than its root: the run would record sources that it is not made of.

    Raises:
        UserError: names the first such module and its file.
    """
    for name, file in sorted(imported_files().items()):
        package = name.partition(".")[0]
        if package in PACKAGES and not Path(file).is_relative_to(root / package):
            raise UserError(
                f"{name} comes from {file}, not from {root / package}: PYTHONPATH must not mix two projects"
            )


def source_digests(root: Path) -> dict[str, str]:
    """Return the digest of every source of the project by its path below the root, its name in stored runs."""
    paths = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    return {path.relative_to(root).as_posix(): get_digest(str(path)) for path in paths}


def installed_packages() -> dict[str, str]:
    """Return the versions of all installed packages by name, from every directory on sys.path."""
    packages: dict[str, str] = {}
    for name, version in _read_metadata():
        packages.setdefault(name, version)  # Python imports the first one on sys.path
    packages.pop(_PROJECT, None)
    return packages


def _imported_sources(root: Path) -> set[str]:
    packages = tuple(f"{root / package}{os.sep}" for package in PACKAGES)
    sweeps = tuple(f"{root}{os.sep}{path}" for path in _SWEEPS)
    sources = {file for file in imported_files().values() if file.startswith(packages) and file.endswith(".py")}
    return {file for file in sources if not file.startswith(sweeps)}


def _read_metadata() -> Iterator[tuple[str, str]]:
    """Yield name and version of every distribution; parsing the whole metadata would take half a second."""
    for distribution in metadata.distributions():
        header = (distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "").partition("\n\n")[0]
        fields = dict(_FIELD.findall(header))
        if fields.keys() == {"Name", "Version"}:
            yield fields["Name"], fields["Version"]
