"""Tells Sacred what a run is made of: project sources, installed packages, commit."""

import sys
import sysconfig
from importlib import metadata
from pathlib import Path

from sacred import Experiment
from sacred.dependencies import PackageDependency, Source, get_digest

_PACKAGES = ("core", "experiments", "observers")


def register_sources(experiment: Experiment, root: Path) -> None:
    """Register every project source that is imported by now, and every installed package.

    Sacred does this when an Experiment is made, before anything that its command needs is imported, and asks git
    about every file; here it is done late, and git is asked once.

    Args:
        experiment: its sources and dependencies are completed.
        root: of the project.
    """
    files = {Path(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    experiment.sources = {
        Source(str(file), get_digest(str(file)), None, None, None)
        for file in files
        if file.suffix == ".py" and any(file.is_relative_to(root / package) for package in _PACKAGES)
    }
    main_file = experiment.mainfile
    main_file.repo, main_file.commit, main_file.is_dirty = _git_state(root)
    experiment.sources = (experiment.sources - {main_file}) | {main_file}
    experiment.dependencies = {
        PackageDependency(package.name, package.version)
        for package in metadata.distributions(path=[sysconfig.get_path("purelib")])
        if package.name != "zahlwort"
    }


def _git_state(root: Path) -> tuple[str | None, str | None, bool | None]:
    """Find the remote's URL, the commit, and whether tracked files differ from it; nothing where there is no git."""
    try:
        import git  # takes a tenth of a second, and only a run that is recorded needs it

        repository = git.Repo(root)
        url = without_userinfo(repository.remotes[0].url) if repository.remotes else root.as_uri()
        return url, repository.head.commit.hexsha, repository.is_dirty()
    except Exception:  # no git, no repository, no commit yet: a run is recorded all the same
        return None, None, None


def without_userinfo(url: str) -> str:
    """Leave out the name and password that a remote may hold, in a URL or in the short form of ssh."""
    scheme, separator, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"
