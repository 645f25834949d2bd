"""Runs git so that nothing that anybody has configured changes its answer."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

_TIMEOUT = 10.0  # seconds


class GitError(Exception):
    """Git does not answer; the message is one line."""


def run_git(
    git_directory: Path,
    *arguments: str,
    work_tree: Path | None = None,
    given: bytes = b"",
    accepted: Collection[int] = (0,),
) -> bytes:
    """Run git and return its output.

    Args:
        git_directory: of the repository.
        arguments: the command and its arguments.
        work_tree: of the repository, if the command needs one.
        given: what git reads from standard input.
        accepted: exit statuses that are no error.

    Raises:
        GitError: if git is not installed, fails or takes too long.
    """
    places = [f"--git-dir={git_directory}", *([f"--work-tree={work_tree}"] if work_tree else [])]
    # With files in place of pipes, neither a full pipe nor a process that git leaves behind can block.
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(given)
        stdin.seek(0)
        status = _run(["git", *places, *arguments], work_tree or git_directory, stdin, stdout, stderr)
        stdout.seek(0)
        stderr.seek(0)
        if status not in accepted:
            lines = stderr.read().decode("utf-8", "replace").strip().splitlines() or [f"exit status {status}"]
            raise GitError(f"git {arguments[0]}: {lines[-1]}")
        return stdout.read()


def _run(command: list[str], directory: Path, stdin: object, stdout: object, stderr: object) -> int:
    """Run a command in a session of its own, which ends with it, and return its exit status."""
    streams = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
    try:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=_environment(),
            start_new_session=True,
            **streams,  # type: ignore[call-overload]
        )
    except OSError as error:
        missing = isinstance(error, FileNotFoundError) and error.filename == "git"
        raise GitError("git is not installed" if missing else f"git cannot be started: {error.strerror}") from error
    try:
        return int(process.wait(_TIMEOUT))
    except subprocess.TimeoutExpired:
        raise GitError(f"git takes longer than {_TIMEOUT:g} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment() -> dict[str, str]:
    """Return the variables for git: no config and attributes but those of the repository, no questions, no locks."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_"))}
    nowhere = dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "HOME"), os.devnull)
    switches = dict.fromkeys(("GIT_CONFIG_NOSYSTEM", "GIT_ATTR_NOSYSTEM", "GIT_NO_REPLACE_OBJECTS"), "1")
    return {**own, **nowhere, **switches, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
