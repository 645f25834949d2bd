"""Finds the project on the machine of a worker, and makes the environment of its runs."""

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "experiments.sweeps.cluster.host"
"""The program that runs the calls."""


class Sealed:
    """Content that no log and no page of Dask's shows."""

    def __init__(self, content: Any) -> None:
        """Keep the content, which is sent as it is."""
        self.content = content

    def __repr__(self) -> str:
        return "Sealed()"


class RefusedError(Exception):
    """This worker cannot run anything for the sweep."""


@dataclass(frozen=True)
class Project:
    """The project of the one who started the sweep, and the environment of its runs.

    Attributes:
        root: its directory.
        sources: the digest of each source by its path below the root.
        environment: variables that runs get, the address of MongoDB among them.
        variables: a pattern of variables that runs get from there only.
    """

    root: str
    sources: Mapping[str, str]
    environment: Sealed
    variables: str


def find_project(project: Project) -> str:
    """Find the root of the project on this machine, with the same sources.

    PYTHONPATH names it, or it is where the submitter has it, or it is installed here.
    """
    named = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry and _is_root(entry)]
    spec = importlib.util.find_spec("experiments")
    installed = [str(Path(spec.origin).parents[1])] if spec is not None and spec.origin else []
    roots = [str(Path(root).absolute()) for root in named[:1] or [project.root, *installed] if _is_root(root)]
    differences = [_difference(root, project.sources) for root in roots]
    for root, difference in zip(roots, differences, strict=True):
        if difference is None:
            return root
    if differences:
        raise RefusedError(f"{differences[0]} is not the file that started the sweep: update it there")
    raise RefusedError(
        f"the project is not there, neither in {project.root} nor installed for {sys.executable}: install it there"
    )


def make_environment(project: Project, root: str) -> dict[str, str]:
    """Make the environment of the host: that of the worker, but the submitter's for what results depend on."""
    own = {name: value for name, value in os.environ.items() if not re.fullmatch(project.variables, name)}
    path = os.pathsep.join([root, *filter(None, [own.get("PYTHONPATH")])])
    return {**own, **project.environment.content, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def _is_root(directory: str) -> bool:
    return Path(directory, *HOST.split(".")).with_suffix(".py").is_file()


def _difference(root: str, sources: Mapping[str, str]) -> str | None:
    """Return the first source that differs; None if all are the same."""
    packages = sorted({path.partition("/")[0] for path in sources})
    paths = [path for package in packages for path in Path(root, package).rglob("*.py")]
    found = {path.relative_to(root).as_posix(): hashlib.md5(path.read_bytes()).hexdigest() for path in paths}
    differing = sorted({path for path, _ in found.items() ^ sources.items()})
    return str(Path(root, differing[0])) if differing else None
