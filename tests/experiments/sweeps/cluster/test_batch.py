"""Clusters by their names, and their options."""

import shutil

import dask
import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster.batch import batch_systems, check_batch, option_names, read_options, start_batch


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", {}),
        ("queue=main,cores=4", {"queue": "main", "cores": 4}),
        ("walltime=01:00:00, memory=4GB", {"walltime": "01:00:00", "memory": "4GB"}),
        ("nanny=false,queue=null", {"nanny": False, "queue": None}),
        ("job_extra_directives=[--gres=gpu:1, --exclusive],cores=1", {
            "job_extra_directives": ["--gres=gpu:1", "--exclusive"], "cores": 1,
        }),
        ("""job_script_prologue=["module load a,b"],account='x,y'""", {
            "job_script_prologue": ["module load a,b"], "account": "x,y",
        }),
        ("project=0123,account=-7,queue=0,cores=10", {"project": "0123", "account": -7, "queue": 0, "cores": 10}),
        ("account=007,project=1e3,queue=0x1F,walltime=1.5", {
            "account": "007", "project": "1e3", "queue": "0x1F", "walltime": "1.5",
        }),
        ("queue=True,account=~,cores=+1", {"queue": "True", "account": "~", "cores": "+1"}),
        ("scheduler_options={port: 8786}", {"scheduler_options": {"port": 8786}}),
    ],
)  # fmt: skip
def test_options_are_numbers_switches_text_and_lists(text, options):
    assert read_options(text) == options


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cores", "cannot read 'cores' in --cluster-options: write NAME=VALUE"),
        ("cores=1,=2", "cannot read '=2'"),
        ("cores=1,cores=2", "cores is given twice"),
        ("account='x", "cannot read"),
    ],
)
def test_options_that_cannot_be_read_are_refused(text, message):
    with pytest.raises(UserError, match=message):
        read_options(text)


@pytest.mark.filterwarnings("ignore:Port")
def test_null_leaves_an_option_out():
    text = "cores=1,memory=1GB,queue=null,scheduler_options=null,job_script_prologue=null"

    assert check_batch("slurm", text) == {"cores": 1, "memory": "1GB"}
    batch = start_batch("local", "n_workers=null,threads_per_worker=null,memory_limit=null", 1)
    assert batch.jobs == 1
    batch.cluster.close()


def test_each_batch_system_of_dask_jobqueue_has_a_name_and_lists_its_options():
    systems = batch_systems()

    assert systems.keys() >= {"slurm", "pbs", "sge", "lsf", "htcondor", "oar", "moab"}
    names = option_names(systems["slurm"][1])
    assert {"queue", "cores", "memory", "walltime", "account", "job_extra_directives", "interface"} <= set(names)
    assert not {"self", "scheduler", "name", "job_extra"} & set(names)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("foo", "", "neither the address of a scheduler, HOST:PORT, nor one of htcondor, lsf, moab, oar, pbs, sge, "),
        ("slurm", "wall=1", "--cluster slurm has no option wall: choose from account, cores, "),
        ("slurm", "wall=null,cores=1,memory=4GB", "--cluster slurm has no option wall: choose from account, cores, "),
        ("local", "queue=x", "--cluster local has no option queue: choose from n_workers, threads_per_worker"),
        ("local", "n_workers=x", "n_workers=x in --cluster-options is not a whole number from 1"),
        ("local", "threads_per_worker=0", "threads_per_worker=0 in --cluster-options is not a whole number from 1"),
        (
            "slurm",
            "memory=1GB",
            "--cluster slurm needs cores of a job: --cluster-options cores=8, or jobqueue.slurm.co",
        ),
        ("slurm", "cores=1", "--cluster slurm needs memory of a job"),
        ("slurm", "cores=1,memory=lots", "memory=lots in --cluster-options is not a number of bytes"),
    ],
)
def test_what_is_wrong_with_a_cluster_is_said_in_a_line(monkeypatch, name, text, message):
    monkeypatch.setattr(shutil, "which", lambda command: command)

    with (
        dask.config.set({"jobqueue.slurm.cores": None, "jobqueue.slurm.memory": None}),
        pytest.raises(UserError) as end,
    ):
        start_batch(name, text, 1)
    assert message in str(end.value)


def test_a_batch_system_that_is_not_on_this_machine_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(UserError, match="--cluster lsf needs the command bsub, which is not on this machine"):
        start_batch("lsf", "cores=1,memory=1GB", 1)
