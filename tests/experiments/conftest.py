"""Runs the experiment as a person does, on the command line, and in process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from experiments.parity import experiment
from observers.run_directory import RunDirectoryObserver

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "experiments" / "parity.py"
SWEEP = ROOT / "experiments" / "sweep.py"
WHERE = ("project=zahlen-1", "region=europe-west4")
NO_ACCOUNT = {"NO_GCE_CHECK": "true", "GOOGLE_APPLICATION_CREDENTIALS": "", "CLOUDSDK_CONFIG": "/nonexistent"}


@dataclass(frozen=True)
class Place:
    """A directory to work in, as a person's shell has one."""

    directory: Path

    def start(
        self, *arguments: str, script: Path = SCRIPT, ignored: Collection[int] = (), **environment: str
    ) -> subprocess.Popen:
        """Start a script, as itself and not as a module.

        It heeds all signals but the ignored ones, however the tests were started: a job in the background ignores
        SIGINT, one of nohup SIGHUP, and both hand that down.
        """

        def set_signals() -> None:
            for number in (signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        inherited = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
        return subprocess.Popen(
            [sys.executable, str(script), *arguments],
            cwd=self.directory,
            env={**inherited, **environment},
            preexec_fn=set_signals,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, script: Path = SCRIPT, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script to its end."""
        process = self.start(*arguments, script=script, ignored=(), **environment)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def read(self, path: str) -> Any:
        """Read a JSON file below the directory."""
        return json.loads((self.directory / path).read_text(encoding="utf-8"))

    def runs(self) -> list[Path]:
        """The directories of the runs below `runs`, in the order of their numbers; none where nothing was run."""
        return sorted(self.directory.glob("runs/[0-9]*"), key=lambda run: int(run.name))

    def await_steps(self, count: int) -> None:
        """Wait until so many runs have trained a hundred steps."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            journals = [run / "metrics.jsonl" for run in self.runs()]
            if sum(path.exists() and '"step":100,' in path.read_text() for path in journals) >= count:
                return
            time.sleep(0.05)
        pytest.fail(f"no {count} runs train")


def entry(run: Path) -> Any:
    """What is recorded of a run as a whole."""
    return json.loads((run / "run.json").read_text(encoding="utf-8"))


def points(run: Path) -> list[tuple[str, int, float]]:
    """What a run has logged, without times and speed."""
    logged = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        (point["name"], point["step"], point["value"]) for point in logged if point["name"] != "train/steps_per_second"
    ]


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path)


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory) -> Place:
    """A place where two small runs have been recorded."""
    place = Place(tmp_path_factory.mktemp("place"))
    for seed in (1, 2):
        assert place.run("with", "fast", f"seed={seed}").returncode == 0
    return place


@pytest.fixture
def run_experiment(tmp_path):
    """Run the parity experiment in this process, recorded below tmp_path/runs."""
    before = list(experiment.observers)

    def run(command=None, named_configs=("fast",), options=None, **config):
        experiment.observers[:] = [RunDirectoryObserver(tmp_path / "runs")]
        return experiment.run(command, config_updates=config, named_configs=named_configs, options=options)

    yield run
    experiment.observers[:] = before
