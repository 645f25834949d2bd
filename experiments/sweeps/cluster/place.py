"""Where the runs of a sweep go: to the directory of the submitter if a host shares it, or to one of the host's own."""

import importlib.metadata
import json
import os
import socket
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiments.cli.updates import write_update
from experiments.pipeline.errors import UserError
from experiments.sweeps.executors.worker import Outcome, Request
from observers.mongodb.address import find_address
from observers.system.process import is_alive, this_process

_TOKEN = ".sweep-"
_PACKAGES = ("tensorflow", "numpy", "sacred")


@dataclass(frozen=True)
class Sweep:
    """What a host needs to know of a sweep.

    Attributes:
        modules: those that a run imports.
        directory: the working directory of the submitter.
        runs: the directory of the runs, as the submitter names it.
        sources: digests of the project's sources.
        delivers: whether the runs are delivered to MongoDB, wherever a host stands.
        is_search: whether the runs share the journal of a search.
        token: the name of a file in the directory of the runs, for as long as the sweep lasts.
        packages: the versions of packages on which results depend.
    """

    modules: Sequence[str]
    directory: Path
    runs: Path
    sources: Mapping[str, str]
    delivers: bool
    is_search: bool = False
    token: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)


def package_versions() -> dict[str, str]:
    """Return the versions of the packages on which results depend, but of those with another name here."""
    found = {}
    for name in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


@contextmanager
def token_in(runs: Path) -> Iterator[str]:
    """Provide the name of a file in a directory of runs, by which others tell that they see the same directory."""
    runs.mkdir(parents=True, exist_ok=True)
    for left in runs.glob(f"{_TOKEN}*"):  # by a sweep that was killed
        with suppress(OSError, ValueError):
            if is_alive(json.loads(left.read_text())) is False:
                left.unlink()
    file = runs / f"{_TOKEN}{uuid.uuid4().hex}"
    file.write_text(json.dumps(this_process()))
    try:
        yield file.name
    finally:
        with suppress(OSError):
            file.unlink()


@dataclass(frozen=True)
class Place:
    """Where a host records runs.

    Attributes:
        runs: the directory.
        is_shared: whether the submitter sees it.
    """

    runs: Path
    is_shared: bool

    def adapt(self, request: Request) -> Request:
        """Make a request record here, without the files of the submitter.

        Config files become the config that they make; a request that resumes a run of another directory starts anew.
        """
        resumes = any(word.startswith("resume=") for word in request.words)
        if request.reads_files or (resumes and not self.is_shared):
            request = replace(request, words=[write_update(name, value) for name, value in request.config.items()])
        return request if self.is_shared and "-F" not in request.options else _with_runs(request, self.runs)

    def show(self, outcome: Outcome) -> Outcome:
        """Say where a run is that the submitter does not see."""
        if self.is_shared or outcome.run is None:
            return outcome
        return replace(outcome, place=f"{socket.gethostname()}:{outcome.run.directory.absolute()}")


def find_place(sweep: Sweep) -> Place:
    """Find where this host records the runs of a sweep, and change to the directory of the submitter if it is there.

    Raises:
        UserError: if the submitter does not see the runs, and no MongoDB gets them or it is a search.
    """
    runs = sweep.directory / sweep.runs
    if (runs / sweep.token).is_file():
        with suppress(OSError):
            os.chdir(sweep.directory)
            return Place(sweep.runs, is_shared=True)
        return Place(runs, is_shared=True)
    if sweep.is_search:
        raise UserError(f"does not see {runs}: a search needs a directory that all workers share")
    if not sweep.delivers and find_address() is None:
        raise UserError(
            f"does not see {runs}: share that directory with it, or deliver the runs to MongoDB with -m or MONGO_URL"
        )
    is_below = not sweep.runs.is_absolute() and ".." not in sweep.runs.parts
    return Place(sweep.runs if is_below else Path(sweep.runs.name), is_shared=False)


def _with_runs(request: Request, runs: Path) -> Request:
    options = list(request.options)
    if "-F" in options:
        options[options.index("-F") + 1] = str(runs)
    else:
        options = ["-F", str(runs), *options]
    return replace(request, options=options)
