"""Tells Sacred what a run is made of: project sources, installed packages, commit and the difference to it."""

import os
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from sacred import Experiment
from sacred.dependencies import PackageDependency, Source, get_digest
from sacred.run import Run

from experiments.settings import RefusedError

if TYPE_CHECKING:
    import git

_PACKAGES = ("core", "experiments", "observers")
_SOURCES = ("*.py", "*.sh", "*.toml", "*.yml", "constraints.txt", "Makefile")
_STARTERS = set(
    "sweep sweep_options sweeping planning grid scores warm quiet_run".split()
)  # of runs; they have no part in them
_FIELD = re.compile(r"^(Name|Version): *(.*?) *$", re.MULTILINE)
_USERINFO = re.compile(r"(?<=://)([^\s'\"]*:[^\s'\"]*|[^\s/@?#'\"]+)@")


def register_sources(experiment: Experiment, root: Path) -> None:
    """Register every project source that is imported by now, and every installed package.

    Sacred does this when an Experiment is made, before anything that its command needs is imported, and asks git
    about every file; here it is done late, and git is asked once.

    Args:
        experiment: its sources and dependencies are completed.
        root: of the project.
    """
    places = tuple(f"{root / package}{os.sep}" for package in _PACKAGES)
    files = {str(getattr(module, "__file__", None)) for module in list(sys.modules.values())}
    experiment.sources = {
        Source(file, get_digest(file), None, None, None)
        for file in files
        if file.startswith(places) and file.endswith(".py") and Path(file).stem not in _STARTERS
    }
    main_file = experiment.mainfile
    main_file.repo, main_file.commit, main_file.is_dirty = _git_state(root)
    experiment.sources = (experiment.sources - {main_file}) | {main_file}
    experiment.dependencies = {
        PackageDependency(name, version) for name, version in _installed() if name != "zahlwort"
    }


def digests(root: Path) -> dict[str, str]:
    """The digest of every source of the project, by its path below the root: its name in stored runs."""
    paths = [path for package in _PACKAGES for path in sorted((root / package).glob("*.py"))]
    return {path.relative_to(root).as_posix(): get_digest(str(path)) for path in paths}


def add_difference(run: Run, root: Path) -> None:
    """Add the artifact git.diff: what has to be applied to the commit to have the sources of the run."""
    repository = _repository(root) if run.observers else None
    difference = _difference(repository) if repository is not None else ""
    if difference:
        with tempfile.TemporaryDirectory() as vanishing:
            path = Path(vanishing) / "git.diff"
            path.write_text(difference, encoding="utf-8", errors="surrogateescape")
            run.add_artifact(path, name=path.name, content_type="text/x-diff")


def refuse_changes(root: Path) -> None:
    """Refuse to run sources that are not those of a commit.

    Raises:
        RefusedError: names the first files that were changed or were never added; or there is no commit.
    """
    repository = _repository(root)
    if repository is None:
        raise RefusedError("-e asks for the sources of a commit, and there is none")
    changed = [*repository.git.diff("HEAD", name_only=True).splitlines(), *_untracked(repository)]
    if changed:
        raise RefusedError(f"-e asks for the sources of a commit, and these differ: {', '.join(changed[:5])}")


def without_secrets(text: str) -> str:
    """Leave out the names and passwords of all URLs in a text."""
    return _USERINFO.sub("", text)


def without_userinfo(url: str) -> str:
    """Leave out the name and password that a remote may hold, in a URL or in the short form of ssh."""
    scheme, separator, rest = url.partition("?")[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def _installed() -> Iterator[tuple[str, str]]:
    """Name and version of every installed package.

    Their metadata says both in its first lines, and is not parsed as a whole, which would take half a second.
    """
    for package in metadata.distributions(path=[sysconfig.get_path("purelib")]):
        header = (package.read_text("METADATA") or package.read_text("PKG-INFO") or "").partition("\n\n")[0]
        fields = dict(_FIELD.findall(header))
        if fields.keys() == {"Name", "Version"}:
            yield fields["Name"], fields["Version"]


def _git_state(root: Path) -> tuple[str | None, str | None, bool | None]:
    """Find the remote's URL, the commit, and whether sources differ from it; nothing where there is no git."""
    repository = _repository(root)
    if repository is None:
        return None, None, None
    url = without_userinfo(repository.remotes[0].url) if repository.remotes else root.as_uri()
    return url, repository.head.commit.hexsha, repository.is_dirty() or bool(_untracked(repository))


def _repository(root: Path) -> "git.Repo | None":
    """Open the repository; None without git, a repository or a commit: a run is recorded all the same."""
    try:
        import git  # takes a tenth of a second, and only a run that is recorded needs it

        repository = git.Repo(root)
        repository.head.commit.hexsha  # noqa: B018
    except Exception:
        return None
    return repository


def _untracked(repository: "git.Repo") -> list[str]:
    listed: str = repository.git.ls_files("--others", "--exclude-standard", "-z", "--", *_SOURCES)
    return [name for name in listed.split("\0") if name]


def _difference(repository: "git.Repo") -> str:
    """The difference of the work tree to the commit, with untracked sources as new files.

    They are announced in a copy of git's index, so that the user's own stays as it is.
    """
    with tempfile.TemporaryDirectory() as vanishing:
        index = Path(vanishing) / "index"
        if Path(repository.index.path).is_file():
            shutil.copy2(repository.index.path, index)  # with its time, by which git knows what to look into
        with repository.git.custom_environment(GIT_INDEX_FILE=os.fspath(index)):
            untracked = _untracked(repository)
            if untracked:
                repository.git.add("--intent-to-add", "--", *untracked)
            difference: str = repository.git.diff("HEAD", "--binary", strip_newline_in_stdout=False)
    return difference
