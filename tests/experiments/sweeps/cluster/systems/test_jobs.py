"""Jobs of a Slurm whose commands are scripts here."""

from typing import Any, cast

import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster.engines import connected
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.cluster.systems import jobs


@pytest.fixture
def sbatch(tmp_path, monkeypatch):
    """Put commands in the place of Slurm's; each call of sbatch adds a line to the file that is returned."""
    calls = tmp_path / "calls"

    def put(script):
        for name, text in (("sbatch", f"echo >>{calls}\n{script}"), ("scancel", "")):
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return calls

    return put


ON_SLURM = "cores=1,memory=1GB,interface=lo"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "echo 'sbatch: error: invalid partition specified: nix' >&2; echo 'sbatch: error: Batch job' >&2; exit 1",
            "sbatch refuses the job: invalid partition specified: nix; Batch job",
        ),
        ("exit 3", "sbatch refuses the job: exit status 3"),
        ("echo no account; exit 1", "sbatch refuses the job: no account"),
        ("echo welcome", "sbatch names no job: it prints 'welcome'"),
    ],
)
@pytest.mark.parametrize("pause", ["", "sleep 0.2; "])
def test_a_batch_system_that_refuses_the_job_is_quoted_in_a_line(sbatch, script, reason, pause):
    calls = sbatch(pause + script)

    with pytest.raises(UserError) as refused, connected("slurm", ON_SLURM, 1):
        pass
    assert str(refused.value) == f"--cluster slurm: {reason}"
    assert calls.read_text() == "\n"


def test_a_batch_system_that_takes_only_some_jobs_is_enough(sbatch):
    calls = sbatch("test $(wc -l <$(dirname $0)/calls) -lt 3 && echo Submitted batch job 7")

    with connected("slurm", ON_SLURM, 4) as cluster:
        cluster.refill()
        assert calls.read_text() == "\n" * 4


def test_jobs_of_several_processes_are_all_submitted_and_none_is_cancelled_when_others_may_start(sbatch):
    calls = sbatch("echo Submitted batch job 7")

    with connected("slurm", f"{ON_SLURM.replace('cores=1', 'cores=4')},processes=2", 16) as cluster:
        assert calls.read_text() == "\n" * 4
        cluster.refill()
        assert len(cast(Any, cluster.client.cluster).worker_spec) == 4
        assert calls.read_text() == "\n" * 4


def test_a_batch_system_that_refuses_jobs_for_minutes_ends_the_sweep_if_none_is_left(sbatch, monkeypatch):
    monkeypatch.setattr(jobs, "_REFILL_PAUSE", 0)
    sbatch("echo Submitted batch job 7")

    with connected("slurm", ON_SLURM, 1) as cluster:
        sbatch("echo sbatch: error: no >&2; exit 1")
        cast(Any, cluster.client.cluster).workers.clear()  # as after the death of the only worker
        cluster.refill()
        monkeypatch.setattr(jobs, "_PATIENCE", 0)
        with pytest.raises(ClusterError, match=r"^--cluster slurm: sbatch refuses the job: no; the same command goes"):
            cluster.refill()


def test_jobs_whose_workers_do_not_come_are_named_with_the_place_of_what_they_print(sbatch, tmp_path):
    sbatch("echo Submitted batch job 7")

    with connected("slurm", f"{ON_SLURM},log_directory={tmp_path}", 2) as cluster:
        assert cluster.advice() == (
            f"see whether jobs 7, 7 wait in the queue, or have ended; what they print is in {tmp_path}"
        )
    with connected("slurm", ON_SLURM, 1) as cluster:
        assert cluster.advice() == (
            "see whether job 7 waits in the queue, or has ended; what it prints is in the working directory, unless an"
            " option says otherwise"
        )
