import subprocess

import pytest

from experiments.recording.repository.git_directory import find_repository


@pytest.fixture
def project(tmp_path):
    """A repository with one commit of a source, a text file and an ignore list."""
    root = tmp_path / "project"
    root.mkdir()
    (root / ".gitignore").write_text("ignored.py\n")
    for name in ("old.py", "notes.txt"):
        (root / name).write_text("ä = 1\n")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "First")
    return root


def git(root, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=b@c")
    return subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def repository_of(root):
    """The repository of a directory that has one."""
    found = find_repository(root)
    assert found is not None
    return found
