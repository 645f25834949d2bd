"""Records the commit of a run, and the difference between it and the work tree.

Git never ends a run: what it cannot tell is said in a line, and recorded as missing in info["git"].
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sacred.run import Run

from experiments.pipeline.errors import UserError
from experiments.recording.redact import redact_remote, without_credentials
from experiments.recording.repository.command import GitError
from experiments.recording.repository.git_directory import Repository, find_repository
from experiments.recording.repository.work_tree import Difference, compare
from observers.system.stderr import warn

_SHOWN = 5  # names in a line


@dataclass(frozen=True)
class Commit:
    """The state of the repository.

    Attributes:
        url: of the first remote without its secrets, or of the directory; None without a repository.
        sha: of the commit.
        is_dirty: whether the sources differ from it; None if git cannot tell.
    """

    url: str | None = None
    sha: str | None = None
    is_dirty: bool | None = None


@dataclass(frozen=True)
class State:
    """What git tells of the project.

    Attributes:
        repository: of the project; None if there is none, or git cannot read it.
        difference: between the commit and the work tree; None if git cannot tell.
        problem: says what is missing; None if nothing is.
        has_repository: whether the project is in a repository, so that the problem is a surprise.
    """

    repository: Repository | None = None
    difference: Difference | None = None
    problem: str | None = None
    has_repository: bool = True

    @property
    def commit(self) -> Commit:
        """The commit; its fields are None without git, a repository or a commit."""
        if self.repository is None:
            return Commit()
        remote = self.repository.url
        url = redact_remote(remote) if remote else self.repository.top.as_uri()
        return Commit(url, self.repository.sha, bool(self.difference.names) if self.difference else None)


def add_difference(run: Run, state: State) -> None:
    """Add the artifact git.diff: applied to the commit, it gives the sources of the run.

    Args:
        run: gets the artifact, if it is recorded.
        state: of the project when its sources were registered.
    """
    if not run.observers:
        return
    missing = [state.problem] if state.problem else []
    if state.difference is not None and state.difference.left_out:
        missing.append(f"git.diff leaves out {_listed(state.difference.left_out)}")
    if missing:
        run.info["git"] = {"missing": missing}
    for line in missing if state.has_repository else ():
        warn(f"{run.experiment_info['name']}: {line}")
    difference = state.difference.patch.decode("utf-8", "surrogateescape") if state.difference else ""
    if difference:
        with tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / "git.diff"
            text = without_credentials(difference)
            path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
            run.add_artifact(path, name=path.name, content_type="text/x-diff")


def refuse_changes(root: Path) -> None:
    """Refuse sources that differ from a commit.

    Raises:
        UserError: names the first files that were changed or are untracked; or there is no commit.
    """
    state = read_state(root)
    if state.difference is None:
        raise UserError(f"-e needs the sources of a commit, and there is no commit: {state.problem}")
    if state.difference.names:
        raise UserError(f"-e needs the sources of a commit, and these differ: {_listed(state.difference.names)}")


def read_state(root: Path) -> State:
    """Read what git tells of the project; this compares all files with the commit, and raises nothing."""
    repository = None
    try:
        repository = find_repository(root)
        if repository is None:
            return State(problem="no commit is recorded: the project is in no git repository", has_repository=False)
        difference = compare(repository, root)
    except (GitError, OSError) as error:
        what = "no commit is recorded" if repository is None else "git.diff is missing"
        return State(repository, problem=f"{what}: {error}")
    if difference is None:
        return State(problem=f"no commit is recorded: the commit of {repository.top} has nothing of the project")
    return State(repository, difference)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
