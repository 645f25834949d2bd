"""Git that fails, hangs or is missing gives one line, in time."""

import time

import pytest

from experiments.recording.repository import command
from experiments.recording.repository.command import GitError, run_git


@pytest.fixture
def git_is(tmp_path, monkeypatch):
    """Put a shell script in the place of git."""

    def replace(script):
        (tmp_path / "git").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return replace


def test_what_git_says_last_is_the_error(git_is, tmp_path):
    git_is("echo hint: one >&2; echo fatal: two >&2; exit 128")

    with pytest.raises(GitError, match=r"^git ls-tree: fatal: two$"):
        run_git(tmp_path, "ls-tree")


def test_git_that_says_nothing_has_an_exit_status(git_is, tmp_path):
    git_is("exit 3")

    with pytest.raises(GitError, match=r"^git ls-tree: exit status 3$"):
        run_git(tmp_path, "ls-tree")
    assert run_git(tmp_path, "ls-tree", accepted=(3,)) == b""


def test_git_that_hangs_ends_with_the_processes_that_it_has_started(git_is, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_TIMEOUT", 0.2)
    git_is(f"(sleep 3; touch {tmp_path}/survived) & sleep 100")
    start = time.monotonic()

    with pytest.raises(GitError, match=r"^git takes longer than 0\.2 s$"):
        run_git(tmp_path, "ls-tree")
    time.sleep(max(0.0, 3.5 - (time.monotonic() - start)))
    assert not (tmp_path / "survived").exists()


def test_without_git_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GitError, match=r"^git is not installed$"):
        run_git(tmp_path, "ls-tree")


def test_more_than_a_pipe_holds_is_given_and_read(git_is, tmp_path):
    git_is("cat")
    given = b"a\0b\n" * 1_000_000

    assert run_git(tmp_path, "ls-tree", given=given) == given
