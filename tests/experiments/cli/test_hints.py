"""Each command that a run prints for the user to type runs in a shell as it was printed, wherever the run is."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.experiments.place import ROOT, SWEEP

pytestmark = pytest.mark.slow

ODD = 'it\'s $HOME "ü" a=1~b\t*!\nruns'
STAY_SHORT = {"sweep": "--dry-run", "curves": "--inspect"}


def hints_in(printed):
    """The labels and commands at the end of what a run prints."""
    lines = printed.rpartition("; recorded in ")[2].splitlines()
    return dict(line.strip().split(None, 1) for line in lines if line.startswith("  "))


def typed(command, directory):
    """Type a command in a shell."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        ["sh", "-c", command], cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


@pytest.mark.parametrize("runs", ["-lr=0.01", ODD], ids=["dash", "odd"])
def test_each_hint_at_the_end_of_a_run_can_be_typed(place, runs):
    done = place.run("with", "fast", "max_steps=2", "seed=1", "-F", runs)
    assert (done.returncode, done.stderr) == (0, "")
    hints = hints_in(done.stdout)

    assert list(hints) == ["curves", "predict", "repeat", "sweep", "compare"]
    for label, command in hints.items():
        answered = typed(f"{command} {STAY_SHORT.get(label, '')}", place.directory)
        assert answered.returncode == 0, (label, command, answered.stderr)
    assert sorted(path.name for path in (place.directory / runs).glob("[0-9]*")) == ["1", "2"]


@pytest.mark.parametrize("name", ["lr=0.01", 'it\'s $HOME ü="1"'])
def test_a_hint_can_be_typed_wherever_the_project_and_its_python_are(place, name):
    tree = place.directory / name
    for package in ("core", "experiments", "observers", "analysis"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    done = place.run("help", "print_config", script=tree / "experiments" / "parity.py", cold=True)
    command = done.stdout.partition(" [with ")[0]

    assert typed(command, place.directory).returncode == 0, (command, done.stderr)


def test_a_sweep_without_training_prints_commands_that_can_be_typed(place):
    runs = Path("-it's lr=0.01")
    (place.directory / runs).mkdir()
    (place.directory / runs / "a=b.yaml").write_text("max_steps: 2\n")
    done = place.run("parity", "fast", f"./{runs}/a=b.yaml", "seed=1", "--dry-run", "-F", f"./{runs}", script=SWEEP)
    [command] = [line for line in done.stdout.splitlines() if "parity.py" in line]

    assert typed(command, place.directory).returncode == 0, command
    assert (place.directory / runs / "1" / "run.json").exists()


def test_the_command_that_resumes_an_interrupted_run_can_be_typed(place):
    run = place.start("with", "fast", "seed=1", "max_steps=3000", "patience=3000", "-F", "runs/lr=0.01")
    journal = place.directory / "runs" / "lr=0.01" / "1" / "metrics.jsonl"
    while not (journal.exists() and '"step":100,' in journal.read_text()):
        assert run.poll() is None
        time.sleep(0.02)
    run.send_signal(signal.SIGTERM)
    command = hints_in(run.communicate(timeout=60)[0])["resume"]

    assert command.endswith(" with resume=1 -F runs/lr=0.01")
    assert typed(command, place.directory).returncode == 0
