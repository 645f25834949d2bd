"""Trains one run of a sweep in a process of its own, with its output captured."""

import gc
import importlib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.cli.main import run_command_line
from experiments.experiment import is_before, is_over
from experiments.pipeline.interrupts import SIGNALS, interrupt_of
from experiments.pipeline.tensorflow import TRAINING
from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from observers.directory.observer import directory_of


@dataclass(frozen=True)
class Outcome:
    """How the process of a run ended.

    Attributes:
        exit_status: the exit status of the run's command line.
        directory: the directory of the run, None if nothing is recorded.
        stderr: what it printed on standard error.
    """

    exit_status: int
    directory: Path | None
    stderr: str


def train(name: str, script: str, arguments: Sequence[str], sources: Mapping[str, str]) -> Outcome:
    """Train in this process, which runs nothing else, as the script does on the command line.

    Args:
        name: the module of the experiment in the package `experiments`.
        script: the path of the script as the user types it.
        arguments: the command line without the script.
        sources: digests of the project's sources when the sweep imported them. If they have changed, the run is
            refused, because it would record sources that it was not made from.
    """
    changed = sorted({name for name, _ in source_digests(ROOT).items() ^ sources.items()})
    if changed:
        return Outcome(1, None, f"{changed[0]} has changed since the sweep started: start the sweep again")
    gc.freeze()  # no search for garbage looks at what the server has imported
    sys.argv = [script, *arguments]
    with tempfile.TemporaryFile() as stderr, Path(os.devnull).open("wb") as devnull:
        os.dup2(devnull.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        experiment = importlib.import_module(f"experiments.{name}").experiment
        SIGNALS.handle_until_exit(
            is_before=lambda: is_before(experiment), end_before=_interrupt, is_over=lambda: is_over(experiment)
        )
        status = run_command_line(experiment, arguments)
        run = experiment.current_run
        sys.stderr.flush()
        stderr.seek(0)
        text = stderr.read().decode("utf-8", "replace").strip()
    return Outcome(status, directory_of(run.observers) if run else None, text)


def _interrupt(number: int) -> None:
    raise interrupt_of(number)


def preloaded_modules(name: str) -> list[str]:
    """Name the modules that a run of an experiment imports, so that a server can import them once for all runs."""
    return [TRAINING, __name__, f"experiments.{name}"]
