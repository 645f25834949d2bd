"""Runs an experiment for every point of a grid, several runs at once, from the command line to the table."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from types import FrameType
from typing import NoReturn

from experiments.cli.errors import line_of
from experiments.cli.options import check_options, read_options
from experiments.configs.files import read_named_configs
from experiments.experiment import WordExperiment
from experiments.pipeline.errors import requires_extra
from experiments.pipeline.interrupts import handle_stop_signals, interrupt_of, signal_of
from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.engine import check_engine
from experiments.sweeps.grid_sweep import sweep_grid
from experiments.sweeps.options import SweepOptions, find_experiment, read_command_line
from experiments.sweeps.planning.in_mongodb import RunsInMongoDB
from observers.mongodb.address import VARIABLE
from observers.redaction import learn_secrets, redact
from observers.system.stderr import warn
from observers.system.streams import protect_output


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run a sweep and exit.

    The exit status is 0 if every run completed, diverged or was pruned, 1 if a run failed or the sweep was refused,
    and 128 + signal if a signal interrupted the sweep.
    """
    protect_output()
    arguments = sys.argv[1:] if argv is None else argv
    learn_secrets(os.environ.get(VARIABLE, ""), *arguments)
    stop = _StopBeforeRuns()
    with handle_stop_signals(stop):
        sys.exit(_status_of(lambda: _sweep(read_command_line(arguments), stop)))


class _StopBeforeRuns:
    """Raises the first stop signal, unless runs have started by then: `run_all` forwards it to them."""

    def __init__(self) -> None:
        self._raised: KeyboardInterrupt | None = None
        self._has_ended = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._raised is None and not self._has_ended:
            self._raised = interrupt_of(number)
            raise self._raised

    def end(self) -> None:
        """Raise no more, but for a signal that a finalizer or a library has swallowed."""
        self._has_ended = True
        if self._raised is not None:
            raise self._raised


def _status_of(sweep: Callable[[], int]) -> int:
    """Return the exit status of a sweep, and print in one line why it did not start."""
    try:
        return sweep()
    except KeyboardInterrupt as interrupt:
        print("sweep: interrupted before any run started", file=sys.stderr)
        return 128 + signal_of(interrupt)
    except Exception as error:
        line = line_of(error)
        print(f"sweep: {redact(line)}", file=sys.stderr)
        return 1


def _sweep(options: SweepOptions, stop: _StopBeforeRuns) -> int:
    """Plan, train and print the results; return the exit status."""
    experiment = find_experiment(options.experiment)
    _check_options(experiment, options)
    sources = source_digests(ROOT)
    if options.search is not None:
        return _import_search()(experiment, options, sources, stop.end)
    address = None if options.again else options.mongo_db
    with closing(RunsInMongoDB(address, experiment.script, sources, warn)) as recorded:
        return sweep_grid(experiment, options, recorded, stop.end)


def _import_search() -> Callable[[WordExperiment, SweepOptions, Mapping[str, str], Callable[[], None]], int]:
    with requires_extra("search", "--search"):
        from experiments.sweeps.search.command import run_search
    return run_search


def _check_options(experiment: WordExperiment, options: SweepOptions) -> None:
    """Refuse options that every run would refuse.

    Raises:
        UserError: names the option and what is allowed.
    """
    read = read_options(experiment, options.run_options)
    check_options(read)
    read_named_configs(options.grid.named_configs, experiment.named_configs)
    check_engine(options)
