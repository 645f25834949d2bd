"""The steps of a deployment, and what is refused before the first."""

import os
import subprocess
import sys

import pytest
from google.cloud.aiplatform import helpers
from google.cloud.aiplatform.constants.base import SUPPORTED_REGIONS

from experiments.deploying import read_service
from experiments.vertex import Service
from tests.experiments.conftest import NO_ACCOUNT, SCRIPT, WHERE

ENDPOINT = "projects/zahlen-1/locations/europe-west4/endpoints/zahlwort-parity"


@pytest.mark.slow
def test_a_dry_run_prints_each_step_and_needs_no_account_and_no_extra(two_runs, tmp_path):
    command = (
        "import sys; sys.modules['google.auth'] = sys.modules['google.cloud'] = None;"
        "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    arguments = ["deploy", "with", "run=1", *WHERE, "bucket=gs://zahlen", "dry_run=True"]
    done = subprocess.run(
        [sys.executable, "-c", command, str(SCRIPT), *arguments],
        cwd=two_runs.directory,
        env={**os.environ, **NO_ACCOUNT},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
    steps = [line for line in done.stdout.splitlines() if line.startswith("would ")]
    assert [step.split()[1] for step in steps] == ["upload", "register", "create", "deploy", "undeploy"]
    assert f"https://europe-west4-aiplatform.googleapis.com/v1/{ENDPOINT}:predict" in done.stdout
    down = two_runs.run("undeploy", "with", *WHERE, "dry_run=True", **NO_ACCOUNT)
    assert (down.returncode, down.stdout.split()[:2]) == (0, ["would", "undeploy"])


@pytest.mark.slow
def test_without_the_extra_a_line_says_how_to_install_it(two_runs):
    command = (
        "import sys; sys.modules['google.cloud.storage'] = None;"
        "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, str(SCRIPT), "deploy", "with", "run=1", *WHERE, "bucket=gs://zahlen"],
        cwd=two_runs.directory,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "pip install" in line
    assert "[deploy]" in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "project= is missing"),
        (["project=Zahlen 1"], "project=Zahlen 1 is not the id of a project"),
        (["project=zahlen-1"], "region= is missing"),
        (["project=zahlen-1", "region=Europe"], "region=Europe is not a region"),
        ([*WHERE], "bucket= is missing"),
        ([*WHERE, "bucket=zahlen"], "bucket=zahlen is not a bucket"),
        ([*WHERE, "bucket=gs://zahlen", "name=Parity!"], "name=Parity! is not a small letter"),
        ([*WHERE, "bucket=gs://zahlen", "machine=big"], "machine=big is not a type"),
        ([*WHERE, "bucket=gs://zahlen", "dry_run=yes"], "dry_run=yes is not True or False"),
        ([*WHERE, "bucket=gs://zahlen", "hidden=3"], "the rest is as in the run"),
    ],
    ids=lambda value: value[-1] if value and isinstance(value, list) else "",
)
def test_an_argument_that_makes_no_sense_takes_a_line(two_runs, arguments, message):
    done = two_runs.run("deploy", "with", "run=1", "dry_run=True", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert message in line


@pytest.mark.slow
def test_a_run_without_an_export_cannot_be_deployed(two_runs, tmp_path):
    done = two_runs.run("with", "fast", "seed=3", "-F", str(tmp_path))
    assert done.returncode == 0
    (tmp_path / "1" / "model" / "export" / "1" / "saved_model.pb").unlink()
    done = two_runs.run("deploy", "with", "run=1", *WHERE, "bucket=gs://zahlen", "dry_run=True", "-F", str(tmp_path))

    assert done.returncode == 1
    assert "has no export: export with run=1 writes it" in done.stderr


@pytest.mark.parametrize("region", sorted(SUPPORTED_REGIONS - {"global"}))
def test_the_container_is_that_of_googles_own_library(region):
    continent = region.partition("-")[0]
    expected = helpers.get_prebuilt_prediction_container_uri(
        "tensorflow", "2.15", continent if continent in ("us", "europe", "asia") else "us"
    )

    assert Service("zahlen-1", region, "zahlwort-parity").image == expected
    assert read_service("parity", "zahlen-1", region, None).region == region
