"""The commands deploy and undeploy: dry runs, and refusals before the first step."""

import os
import subprocess
import sys

import pytest

from experiments.commands.deploy.command import read_flag
from experiments.pipeline.errors import UserError
from tests.experiments.commands.deploy.deployments import BUCKET, ENDPOINT, NO_ACCOUNT, WHERE
from tests.experiments.place import SCRIPT

WITHOUT = (
    "import sys; sys.modules.update(dict.fromkeys({modules!r}));"
    "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


def run_without(modules, place, *arguments):
    """Run parity.py in a process in which modules cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT.format(modules=modules), str(SCRIPT), *arguments],
        cwd=place.directory,
        env={**os.environ, **NO_ACCOUNT},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_a_dry_run_prints_each_step_without_an_account_and_without_googles_libraries(two_runs):
    missing = ("google.auth", "google.cloud")
    done = run_without(missing, two_runs, "deploy", "with", "run=1", *WHERE, BUCKET, "dry_run=True")

    assert (done.returncode, done.stderr) == (0, "")
    steps = [line for line in done.stdout.splitlines() if line.startswith("would ")]
    assert [step.split()[1] for step in steps] == ["upload", "register", "create", "deploy", "undeploy"]
    assert f"https://europe-west4-aiplatform.googleapis.com/v1/{ENDPOINT}:predict" in done.stdout


def test_a_dry_run_of_undeploy_prints_its_step(place, run_in_process):
    done = run_in_process(place, "undeploy", "with", *WHERE, "dry_run=True")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"would undeploy all versions from {ENDPOINT}, and delete it",
        "the versions of the model stay registered, and their files stay in the bucket",
    ]


@pytest.mark.slow
def test_without_googles_libraries_a_line_tells_how_to_install_them(two_runs):
    done = run_without(("google.cloud.storage",), two_runs, "deploy", "with", "run=1", *WHERE, BUCKET)

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "pip install" in line
    assert "[deploy]" in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "missing project=, e.g. project=my-project"),
        (["project=Zahlen 1"], "project=Zahlen 1 is not the id of a Google Cloud project"),
        (["project=zahlen-1"], "missing region="),
        (["project=zahlen-1", "region=Europe"], "region=Europe is not a region"),
        ([*WHERE], "missing bucket="),
        ([*WHERE, "bucket=zahlen"], "bucket=zahlen is not a bucket"),
        ([*WHERE, "bucket=gs://b/../x"], "bucket=gs://b/../x is not a bucket"),
        ([*WHERE, BUCKET, "name=Parity!"], "name=Parity! is not a name"),
        ([*WHERE, BUCKET, "machine=big"], "machine=big is not a machine type"),
        ([*WHERE, BUCKET, "dry_run=yes"], "dry_run=yes is not True or False"),
        ([*WHERE, BUCKET, "hidden=3"], "remove hidden"),
    ],
    ids=lambda value: value[-1] if value and isinstance(value, list) else "",
)
def test_an_argument_that_makes_no_sense_takes_one_line(two_runs, run_in_process, arguments, message):
    done = run_in_process(two_runs, "deploy", "with", "run=1", "dry_run=True", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert message in line


@pytest.mark.parametrize("value", ["True", "true", "yes", 1, 0, None, "", [True]])
def test_only_true_and_false_are_flags(value):
    assert read_flag("dry_run", True) is True
    assert read_flag("dry_run", False) is False
    with pytest.raises(UserError, match=r"dry_run=.* is not True or False"):
        read_flag("dry_run", value)


@pytest.mark.slow
def test_a_run_without_an_export_is_refused(own_runs, run_in_process):
    (own_runs.directory / "runs" / "1" / "model" / "export" / "1" / "saved_model.pb").unlink()
    done = run_in_process(own_runs, "deploy", "with", "run=1", *WHERE, BUCKET, "dry_run=True")

    assert done.returncode == 1
    assert "has no export: export with run=1 writes it" in done.stderr
