"""Finds the repository of the project, and lets git work in a scratch repository in its place.

The config of a repository names programs that git executes: filters, hooks, file system monitors, diff tools. Git also
refuses the repository of another owner. The scratch repository has an empty config and the objects of the project; of
the real one, git reads only HEAD, paths and the URL, which executes nothing.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from experiments.recording.repository.command import GitError, run_git


@dataclass(frozen=True)
class Repository:
    """A repository with a commit.

    Attributes:
        top: the directory of the work tree.
        sha: of the commit that HEAD names.
        url: of the first remote, with its secrets; None without a remote.
        objects: the directory of the objects.
        exclude: the file with what the repository ignores besides .gitignore; it need not exist.
        has_modes: whether the file system of the work tree can tell what is executable.
    """

    top: Path
    sha: str
    url: str | None
    objects: Path
    exclude: Path
    has_modes: bool


def find_repository(root: Path) -> Repository | None:
    """Find the repository whose work tree holds a directory; None without one. Variables such as GIT_DIR do not count.

    Raises:
        GitError: if git is not installed, has no commit, or cannot read the repository.
    """
    for top in (root, *root.parents):
        git_directory = _git_directory(top / ".git")
        if git_directory is not None:
            return _read_repository(top, git_directory)
    return None


@contextmanager
def scratch_repository(repository: Repository) -> Iterator[Path]:
    """Provide the git directory of an empty repository, with the objects and ignored files of another."""
    with tempfile.TemporaryDirectory(prefix="git-") as temporary:
        scratch = Path(temporary)
        for name in ("objects/info", "refs", "info"):
            (scratch / name).mkdir(parents=True)
        sha256 = "repositoryformatversion = 1\n[extensions]\nobjectFormat = sha256\n"
        (scratch / "config").write_text("[core]\n" + (sha256 if len(repository.sha) == 64 else ""))
        (scratch / "HEAD").write_text(f"{repository.sha}\n")
        (scratch / "objects" / "info" / "alternates").write_bytes(os.fsencode(repository.objects) + b"\n")
        if repository.exclude.is_file() and os.access(repository.exclude, os.R_OK):
            (scratch / "info" / "exclude").write_bytes(repository.exclude.read_bytes())
        yield scratch


def _git_directory(path: Path) -> Path | None:
    """Return the git directory that .git is or names; None if it is neither."""
    try:
        if path.is_dir():
            return path if any(path.iterdir()) else None
        if not path.exists():
            return None
        named = re.fullmatch(rb"gitdir: (.+?)\s*", path.read_bytes(), re.DOTALL)
    except OSError as error:
        raise GitError(f"{path}: {error.strerror}") from error
    return path.parent / os.fsdecode(named[1]) if named else None


def _read_repository(top: Path, git_directory: Path) -> Repository:
    paths = ("--git-path", "objects", "--git-path", "info/exclude")
    lines = os.fsdecode(run_git(git_directory, "rev-parse", *paths, "HEAD")).splitlines()
    if lines[-1] == "HEAD":  # git takes it for the file of this name
        raise GitError("the repository has no commit")
    if len(lines) != 3:
        raise GitError(f"{git_directory} has a line break in its path")
    objects, exclude, sha = lines
    asked = r"^(remote\..*\.url|core\.filemode)$"
    config = os.fsdecode(run_git(git_directory, "config", "-z", "--local", "--get-regexp", asked, accepted=(0, 1)))
    entries = [entry.partition("\n")[::2] for entry in config.split("\0") if entry]
    urls = [value for name, value in entries if name != "core.filemode"]
    return Repository(
        top,
        sha,
        urls[0] if urls else None,
        (git_directory / objects).resolve(),
        (git_directory / exclude).resolve(),
        has_modes=("core.filemode", "false") not in entries,
    )
