"""A disk that can be filled."""

import subprocess

import pytest


@pytest.fixture
def small_disk(tmp_path):
    """Make a directory that is a disk of its own, of a size such as 64k."""
    directory = tmp_path / "disk"

    def mount(size):
        directory.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
        try:
            mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            pytest.skip("a disk can be mounted by root alone")
        return directory

    try:
        yield mount
    finally:
        if directory.is_mount():
            subprocess.run(["umount", "-l", str(directory)], check=True)
