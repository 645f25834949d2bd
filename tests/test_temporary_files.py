"""Every command leaves the directory of temporary files empty."""

import os
import subprocess
import sys

import pytest

from tests.experiments.place import SWEEP, Place

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A recorded run, a sweep, and an empty directory of temporary files in `temporary`."""
    place = Place(tmp_path_factory.mktemp("commands"))
    (place.directory / "temporary").mkdir()
    run(place, "-F", "runs", "with", "fast", "seed=0")
    yield place
    place.end()


def run(place, *arguments, **how):
    """Run a script to its end, with TMPDIR; the process is a new one, because Python reads TMPDIR only once."""
    done = place.run(*arguments, cold=True, TMPDIR=str(place.directory / "temporary"), **how)
    assert done.returncode == 0, done.stderr
    return done


def left(place):
    return [path.name for path in (place.directory / "temporary").rglob("*")]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-u", "with", "fast"),
        ("predict", "with", "run=1", "words=elf,zwanzig"),
        ("explain", "with", "run=1", "word=elf"),
        ("mistakes", "with", "run=1"),
        ("export", "with", "run=1"),
        (
            "deploy",
            "with",
            "run=1",
            "project=my-project",
            "bucket=gs://my-bucket",
            "region=europe-west4",
            "dry_run=True",
        ),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_leaves_no_temporary_file(arguments, recorded):
    run(recorded, *arguments)

    assert left(recorded) == []


def test_a_sweep_leaves_no_temporary_file(recorded):
    run(recorded, "number", "fast", "head=places,nalu", "-F", "sweep", script=SWEEP)

    assert left(recorded) == []


@pytest.mark.parametrize("module", [("observers", "list"), ("analysis", "table"), ("analysis", "report")])
def test_a_maintenance_or_an_analysis_leaves_no_temporary_file(module, recorded):
    name, command = module
    environment = {**os.environ, "TMPDIR": str(recorded.directory / "temporary"), "MPLCONFIGDIR": "/proc/no"}
    done = subprocess.run(
        [sys.executable, "-m", name, command, "runs"], cwd=recorded.directory, env=environment, check=False
    )

    assert done.returncode == 0
    assert left(recorded) == []


def test_pictures_leave_no_temporary_file_where_matplotlib_may_not_write(recorded):
    """Matplotlib makes a temporary directory for its configuration then, and removes it at the exit."""
    run(recorded, "mistakes", "with", "run=1", "numbers=0..999", MPLCONFIGDIR="/proc/no")

    assert left(recorded) == []


def test_an_interrupted_training_leaves_no_temporary_file(recorded):
    how = {"cold": True, "TMPDIR": str(recorded.directory / "temporary")}
    process = recorded.start("-F", "runs", "with", "max_steps=100000", "patience=100000", **how)
    recorded.await_steps(1)
    process.terminate()

    assert process.wait(timeout=60) == 143
    assert left(recorded) == []
