"""Records the commit of a run, and the difference between it and the work tree."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sacred.run import Run

from experiments.pipeline.errors import UserError
from experiments.recording.redact import redact_remote

if TYPE_CHECKING:
    import git

_SOURCES = ("*.py", "*.sh", "*.toml", "*.yml", "constraints.txt", "Makefile")


@dataclass(frozen=True)
class Commit:
    """The state of the repository.

    Attributes:
        url: of the first remote without its secrets, or of the directory; None without a repository.
        sha: of the commit.
        is_dirty: whether the sources differ from it.
    """

    url: str | None = None
    sha: str | None = None
    is_dirty: bool | None = None


def read_commit(root: Path) -> Commit:
    """Read the state of the repository; all fields are None without git, a repository or a commit."""
    repository = _open_repository(root)
    if repository is None:
        return Commit()
    url = redact_remote(repository.remotes[0].url) if repository.remotes else root.as_uri()
    return Commit(url, repository.head.commit.hexsha, repository.is_dirty() or bool(_untracked(repository)))


def add_difference(run: Run, root: Path) -> None:
    """Add the artifact git.diff: applied to the commit, it gives the sources of the run."""
    repository = _open_repository(root) if run.observers else None
    difference = _difference(repository) if repository is not None else ""
    if difference:
        with tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / "git.diff"
            path.write_text(difference, encoding="utf-8", errors="surrogateescape")
            run.add_artifact(path, name=path.name, content_type="text/x-diff")


def refuse_changes(root: Path) -> None:
    """Refuse sources that differ from a commit.

    Raises:
        UserError: names the first files that were changed or are untracked; or there is no commit.
    """
    repository = _open_repository(root)
    if repository is None:
        raise UserError("-e needs the sources of a commit, and there is no commit")
    changed = [*repository.git.diff("HEAD", name_only=True).splitlines(), *_untracked(repository)]
    if changed:
        raise UserError(f"-e needs the sources of a commit, and these differ: {', '.join(changed[:5])}")


def _open_repository(root: Path) -> "git.Repo | None":
    """Open the repository; None without git, a repository or a commit, so that a run can be recorded without them."""
    try:
        import git  # takes a tenth of a second, and only a recorded run needs it

        repository = git.Repo(root)
        repository.head.commit.hexsha  # noqa: B018
    except Exception:
        return None
    return repository


def _untracked(repository: "git.Repo") -> list[str]:
    listed: str = repository.git.ls_files("--others", "--exclude-standard", "-z", "--", *_SOURCES)
    return [name for name in listed.split("\0") if name]


def _difference(repository: "git.Repo") -> str:
    """Return the difference between the work tree and the commit, with untracked sources as new files.

    Untracked files are announced in a copy of git's index; the user's own index does not change.
    """
    with tempfile.TemporaryDirectory() as temporary:
        index = Path(temporary) / "index"
        if Path(repository.index.path).is_file():
            shutil.copy2(repository.index.path, index)  # git compares its time with that of the files
        with repository.git.custom_environment(GIT_INDEX_FILE=os.fspath(index)):
            untracked = _untracked(repository)
            if untracked:
                repository.git.add("--intent-to-add", "--", *untracked)
            difference: str = repository.git.diff("HEAD", "--binary", strip_newline_in_stdout=False)
    return difference
