"""A small training of parity.py in this process that saves its state after every step."""

import signal
import sys
from pathlib import Path

import pytest

from core.training.hooks import checkpoints
from experiments.cli.main import run_command_line
from experiments.parity import experiment

CONFIG = ("fast", "max_steps=16", "evaluate_every=4", "log_every=2", "seed=5")


def train(directory: Path, *arguments: str) -> int:
    """Run a command line in a directory, and return its exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MONGO_URL", raising=False)
        patch.chdir(directory)
        patch.setattr(checkpoints, "_SAVE_SECONDS", 0.0)
        for name, value in (("observers", []), ("current_run", None), ("logger", None)):
            patch.setattr(experiment, name, value)
        for name in ("stdout", "stderr"):
            patch.setattr(sys, name, getattr(sys, name))
        return run_command_line(experiment, arguments)


def train_until_interrupted(directory: Path) -> None:
    """Train until SIGINT ends the run, which leaves the states of the steps 6 and 7."""
    save = checkpoints.LastCheckpoint.save

    def save_and_interrupt(self, session, step, selection):
        save(self, session, step, selection)
        if step == 6:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints.LastCheckpoint, "save", save_and_interrupt)
        assert train(directory, "with", *CONFIG) == 128 + signal.SIGINT
    assert sorted(path.name for path in directory.glob("runs/1/model/last/*.json")) == ["state-6.json", "state-7.json"]
