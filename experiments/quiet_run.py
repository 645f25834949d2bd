"""Runs an experiment in a process that is its alone, with nothing shown: a run of a sweep."""

import importlib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments import command_line
from experiments.laboratory import ROOT
from experiments.sources import digests
from observers.run_directory import directory_of


@dataclass(frozen=True)
class Outcome:
    """How the process of a run ended.

    Attributes:
        exit_status: of the command line of the run.
        directory: of the run, None when there is none.
        said: what it printed on standard error.
    """

    exit_status: int
    directory: Path | None
    said: str


def train(name: str, script: str, arguments: Sequence[str], sources: Mapping[str, str]) -> Outcome:
    """Run an experiment in this process, which is its alone, as its script does; nothing is shown.

    Args:
        name: of the experiment's module.
        script: as it would have been typed.
        arguments: of its command line.
        sources: digests of the project's sources when they were imported; a run of others would record what it was
            not made from, and is refused.
    """
    changed = sorted({name for name, _ in digests(ROOT).items() ^ sources.items()})
    if changed:
        return Outcome(1, None, f"{changed[0]} has changed since the sweep began: begin it again")
    sys.argv = [script, *arguments]
    with tempfile.TemporaryFile() as said, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(said.fileno(), 2)
        experiment = importlib.import_module(f"experiments.{name}").experiment
        status = command_line.obey(experiment, arguments)
        run = experiment.current_run
        sys.stderr.flush()
        said.seek(0)
        text = said.read().decode("utf-8", "replace").strip()
    return Outcome(status, directory_of(run.observers) if run else None, text)
