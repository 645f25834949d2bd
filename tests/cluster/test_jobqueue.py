"""A sweep on workers that dask-jobqueue starts on a real Slurm."""

from importlib.util import find_spec

import pytest

from tests.cluster.grid import GRID, bits
from tests.experiments.place import SWEEP, entry

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("dask_jobqueue") is None, reason='no dask-jobqueue: pip install -c constraints.txt -e ".[cluster]"'
    ),
]

ON_SLURM = ("--cluster", "slurm", "--cluster-options", "cores=1,memory=1GB,walltime=00:10:00,interface=lo")


@pytest.fixture
def environment(slurm):
    return {name: slurm.environment[name] for name in ("PATH", "SLURM_CONF")}


def test_a_sweep_on_slurm_runs_each_config_once_with_the_bits_of_a_local_sweep(slurm, place, environment, local_bits):
    done = place.run(*GRID, *ON_SLURM, "--jobs", "2", script=SWEEP, cold=True, **environment)

    assert done.returncode == 0, done.stderr
    assert bits(place.runs()) == local_bits
    assert slurm.run("squeue", "--noheader") == ""


def test_a_job_that_slurm_refuses_ends_the_sweep_with_its_reason(place, environment):
    *on_slurm, options = ON_SLURM
    done = place.run(*GRID, *on_slurm, f"{options},queue=none", script=SWEEP, cold=True, **environment)

    assert done.returncode == 1
    assert done.stderr.startswith("sweep: --cluster slurm: sbatch refuses the job: invalid partition specified: none")
    assert done.stderr.count("\n") == 1
    assert not place.runs()


def test_a_run_whose_job_is_cancelled_is_resumed_in_another_job(slurm, place, environment):
    sweep = place.start("parity", "max_steps=2000", "seed=1", *ON_SLURM, script=SWEEP, cold=True, **environment)
    place.await_steps(1)
    (job,) = slurm.run("squeue", "--noheader", "--format=%A").split()
    slurm.run("scancel", job)
    out, err = sweep.communicate(timeout=300)

    assert sweep.returncode == 0, err
    assert "1/1  the only run  accuracy" in out
    assert [entry(run)["status"] for run in place.runs()] == ["TERMINATED", "COMPLETED"]
    assert place.read("runs/2/info.json")["parent"]["directory"] == "runs/1"
    assert slurm.states(job) == {job: "CANCELLED"}
