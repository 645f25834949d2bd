"""Trains one run of a sweep in a process of its own, with its output captured."""

import gc
import importlib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.cli.main import run_command_line
from experiments.experiment import is_before, is_over
from experiments.pipeline.interrupts import SIGNALS, interrupt_of
from experiments.pipeline.tensorflow import TRAINING
from experiments.pruning import Judge
from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.trials.trial import Trial
from observers.directory.observer import directory_of
from observers.stored_runs.stored_run import StoredRun, read_run


@dataclass(frozen=True)
class Request:
    """A run that a process is asked for; plain data, so that it can be sent to another machine.

    Attributes:
        experiment: the module of the experiment in the package `experiments`.
        script: the path of the script as the user types it.
        words: the config on the command line: named configs, NAME=VALUE, or resume=<id>.
        options: the options on the command line.
        sources: digests of the project's sources when the sweep imported them. If they have changed, the run is
            refused, because it would record sources that it was not made from.
        config: the config entries that the words make.
        reads_files: whether the words name config files, which another machine may lack.
        trial: of the search that judges the run, if one does.
    """

    experiment: str
    script: str
    words: Sequence[str]
    options: Sequence[str]
    sources: Mapping[str, str]
    config: Mapping[str, Any] = field(default_factory=dict)
    reads_files: bool = False
    trial: Trial | None = None

    @property
    def arguments(self) -> list[str]:
        """The command line without the script."""
        return make_arguments(self.words, self.options)


@dataclass(frozen=True)
class Outcome:
    """How the process of a run ended.

    Attributes:
        exit_status: the exit status of the run's command line.
        run: as it is recorded, None if nothing is.
        stderr: what it printed on standard error.
        place: where the run is, if its directory is not to be seen from here.
    """

    exit_status: int
    run: StoredRun | None
    stderr: str
    place: str = ""


def make_arguments(words: Sequence[str], options: Sequence[str]) -> list[str]:
    """Make the command line of a run, without the script."""
    return [*(["with", *words] if words else []), *options]


def train(request: Request) -> Outcome:
    """Train in this process, which runs nothing else, as the script does on the command line."""
    changed = sorted({name for name, _ in source_digests(ROOT).items() ^ request.sources.items()})
    if changed:
        return Outcome(1, None, f"{changed[0]} has changed since the sweep started: start the sweep again")
    gc.freeze()  # no search for garbage looks at what the server has imported
    sys.argv = [request.script, *request.arguments]
    with tempfile.TemporaryFile() as stderr, Path(os.devnull).open("wb") as devnull:
        os.dup2(devnull.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        experiment = importlib.import_module(f"experiments.{request.experiment}").experiment
        experiment.judge = _judge_of(request.trial)
        SIGNALS.handle_until_exit(
            is_before=lambda: is_before(experiment), end_before=_interrupt, is_over=lambda: is_over(experiment)
        )
        status = run_command_line(experiment, request.arguments)
        current = experiment.current_run
        sys.stderr.flush()
        stderr.seek(0)
        text = stderr.read().decode("utf-8", "replace").strip()
    return Outcome(status, _recorded(directory_of(current.observers) if current else None), text)


def _judge_of(trial: Trial | None) -> Judge | None:
    if trial is None:
        return None
    from experiments.sweeps.trials.judge import StudyJudge

    return StudyJudge(trial)


def _recorded(directory: Path | None) -> StoredRun | None:
    if directory is not None:
        with suppress(ValueError, OSError):
            return read_run(directory)
    return None


def _interrupt(number: int) -> None:
    raise interrupt_of(number)


def preloaded_modules(name: str, *, judged: bool = False) -> list[str]:
    """Name the modules that a run of an experiment imports, so that a server can import them once for all runs.

    Args:
        name: the module of the experiment in the package `experiments`.
        judged: whether a search judges the runs.
    """
    return [TRAINING, __name__, f"experiments.{name}", *["experiments.sweeps.trials.judge"] * judged]
