"""Places to run the scripts in, command lines in this process, and runs that tests share."""

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from experiments.cli.main import run_command_line
from experiments.parity import experiment
from observers.directory.observer import RunDirectoryObserver
from tests.experiments.place import Place


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    """An empty directory."""
    place = Place(tmp_path)
    yield place
    place.end()


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory) -> Place:
    """A place with two small runs, seeds 5 and 2, and in printed/1 and printed/2 what they printed; to be read only.

    The first worker that needs it trains; all workers share it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place = Place(shared / "two_runs")
    with (shared / "two_runs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.directory.exists():
            _train_twice(Place(shared / "two_runs.new"))
            (shared / "two_runs.new").rename(place.directory)
    return place


def _train_twice(place: Place) -> None:
    (place.directory / "printed").mkdir(parents=True)
    for run_id, seed, cold in (("1", 5, True), ("2", 2, False)):
        done = place.run("with", "fast", f"seed={seed}", cold=cold)
        assert (done.returncode, done.stderr) == (0, "")
        (place.directory / "printed" / run_id).write_text(done.stdout, encoding="utf-8")


@pytest.fixture
def own_runs(two_runs, tmp_path) -> Iterator[Place]:
    """A copy of two_runs that the test may change."""
    shutil.copytree(two_runs.directory, tmp_path / "own")
    place = Place(tmp_path / "own")
    yield place
    place.end()


@pytest.fixture
def run_in_process(monkeypatch, capfd):
    """Run a command line of parity.py in this process; everything that it changes in the process is restored."""
    monkeypatch.delenv("MONGO_URL", raising=False)

    def run(place, *arguments):
        with monkeypatch.context() as patch:
            patch.chdir(place.directory)
            patch.setattr(experiment, "observers", [])
            patch.setattr(experiment, "current_run", None)
            patch.setattr(experiment, "logger", None)
            for name in ("stdout", "stderr"):
                patch.setattr(sys, name, getattr(sys, name))
            capfd.readouterr()
            status = run_command_line(experiment, arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        return subprocess.CompletedProcess(arguments, status, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def run_parity():
    """Run a command of the parity experiment in this process, recorded in a directory of runs."""

    def run(runs, command=None, named_configs=("fast",), options=None, **config):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(experiment, "observers", [RunDirectoryObserver(runs)])
            return experiment.run(command, config_updates=config, named_configs=named_configs, options=options)

    return run


@pytest.fixture
def run_experiment(run_parity, tmp_path):
    """The same, recorded below tmp_path/runs."""
    return functools.partial(run_parity, tmp_path / "runs")
