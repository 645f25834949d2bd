"""Runs in a place that other users can reach, and files that cannot be removed."""

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest


@pytest.fixture
def shared_runs(runs):
    """The same runs where another user can read them."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        place.chmod(0o755)
        yield shutil.copytree(runs, place / "runs")


@pytest.fixture
def make_immutable():
    """Keep everybody from removing a file, until the end of the test or until it is called with False."""
    changed: set[Path] = set()

    def make(path, immutable=True):
        command = ["chattr", "+i" if immutable else "-i", str(path)]
        try:
            done = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            done = False
        if not done:
            pytest.skip("no file can be made immutable here")
        (changed.add if immutable else changed.discard)(path)

    yield make
    for path in changed:
        with suppress(OSError):
            subprocess.run(["chattr", "-i", str(path)], check=False)
