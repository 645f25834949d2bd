"""A Slurm for the tests, and a directory that is not the project to submit jobs from."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.grid import GRID, bits
from tests.cluster.slurm import ENDED, Slurm, missing_programs, running_slurm
from tests.experiments.place import SWEEP, Place


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    """A running Slurm with one node of two processors."""
    missing = missing_programs()
    if missing:
        pytest.skip(f"no {' and no '.join(missing)}: apt-get install slurm-wlm munge")
    with tempfile.TemporaryDirectory() as directory, running_slurm(Path(directory)) as slurm:
        yield slurm


@pytest.fixture
def place(tmp_path, slurm) -> Iterator[Place]:
    """An empty directory, which is not the project; no process and no job is left when the test ends."""
    place = Place(tmp_path)
    yield place
    place.end()
    for job in slurm.run("squeue", "--noheader", "--format=%A").split():
        slurm.run("scancel", job)
        slurm.await_state(job, *ENDED)


@pytest.fixture(scope="session")
def local_bits(tmp_path_factory):
    """The bits of GRID, run on this machine."""
    place = Place(tmp_path_factory.mktemp("local"))
    done = place.run(*GRID, script=SWEEP)
    assert done.returncode == 0, done.stderr
    return bits(place.runs())
