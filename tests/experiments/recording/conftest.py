import subprocess

import pytest


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
