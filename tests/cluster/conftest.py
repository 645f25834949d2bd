"""A Slurm for the tests, and a directory that is not the project to submit jobs from."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.slurm import Slurm, missing_programs, running_slurm


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    """A running Slurm with one node of two processors."""
    missing = missing_programs()
    if missing:
        pytest.skip(f"no {' and no '.join(missing)}: apt-get install slurm-wlm munge")
    with tempfile.TemporaryDirectory() as directory, running_slurm(Path(directory)) as slurm:
        yield slurm
