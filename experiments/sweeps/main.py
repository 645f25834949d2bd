"""Runs an experiment for every point of a grid, several runs at once, from the command line to the table."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from types import FrameType
from typing import NoReturn

from sacred import Experiment

from experiments.cli.errors import line_of
from experiments.cli.options import check_options, check_storage, read_options
from experiments.pipeline.errors import UserError
from experiments.pipeline.interrupts import handle_stop_signals, interrupt_of, signal_of
from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.options import SweepOptions, find_experiment, read_command_line
from experiments.sweeps.planning.in_mongodb import RunsInMongoDB
from experiments.sweeps.planning.plan import PlannedRun, plan
from experiments.sweeps.planning.store import State, Store
from experiments.sweeps.results import RunResult, format_best, format_missing, format_table
from experiments.sweeps.runner import PlannedRuns
from experiments.sweeps.shared_runs import describe_elsewhere, shared
from experiments.sweeps.training import train_all
from observers.mongodb.address import VARIABLE, find_address
from observers.redaction import learn_secrets, redact
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun
from observers.system.shell import typed_script, typed_text
from observers.system.stderr import warn
from observers.system.streams import protect_output


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run a sweep and exit.

    The exit status is 0 if every run completed or diverged, 1 if a run failed or the sweep was refused, and
    128 + signal if a signal interrupted the sweep.
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
    address = None if options.again else find_address(options.mongo_db)
    script = experiment.mainfile.to_json(str(ROOT))[0]
    with closing(RunsInMongoDB(address, script, sources, warn)) as recorded:
        return _sweep_grid(experiment, options, recorded, stop)


def _sweep_grid(experiment: Experiment, options: SweepOptions, recorded: RunsInMongoDB, stop: _StopBeforeRuns) -> int:
    planned = _plan(experiment, options, recorded)
    needed = [run for run in planned if run.is_needed]
    if needed and not options.dry_run:
        check_storage(read_options(experiment, options.run_options))
    part = "" if options.part.is_whole else f"{options.part}: "
    print(f"{part}{_announcement(planned, dry_run=options.dry_run)}", flush=True)
    if options.dry_run:
        _print_commands(typed_script(experiment.mainfile.filename), needed, options)
        return 0
    source = PlannedRuns(planned)
    stopped_by, failure = None, None
    try:
        if needed:
            with shared(source, planned, recorded) as runs:
                stopped_by = train_all(experiment, runs, len(needed), options, recorded.sources, stop.end)
    except ClusterError as error:
        failure = error
    stop.end()
    results = source.results
    if not options.part.is_whole:
        print(f"\n{options.part} of the sweep", end="")
    _print_results(results, options.grid.varied, is_complete=stopped_by is None and failure is None)
    if failure is not None:
        raise failure
    if stopped_by is not None:
        waiting = len(planned) - len(results)
        print(f"\ninterrupted; {waiting} runs not started; run the same command again to continue")
        return 128 + stopped_by
    return int(any(result.error is not None and not result.goes_on for result in results))


def _import_search() -> Callable[[Experiment, SweepOptions, Mapping[str, str], Callable[[], None]], int]:
    try:
        from experiments.sweeps.search.command import run_search
    except ImportError as error:
        raise UserError(f'--search needs Optuna: pip install -e ".[search]" ({error})') from error
    return run_search


def _print_commands(script: str, needed: Sequence[PlannedRun], options: SweepOptions) -> None:
    """Print the command of each run as the user types it; an address with a password is not printed."""
    address = find_address(options.mongo_db)
    hidden = ["-m", options.mongo_db] if options.mongo_db and address is not None and address.is_secret else []
    for run in needed:
        print(f"  {script} {' '.join(typed_text(redact(text)) for text in run.arguments if text not in hidden)}")
    if needed and hidden:
        print(f"to deliver them as well, set {VARIABLE} to the address of {address}, with its user and password")


def _check_options(experiment: Experiment, options: SweepOptions) -> None:
    """Refuse options that every run would refuse.

    Raises:
        UserError: names the option and what is allowed.
    """
    read = read_options(experiment, options.run_options)
    check_options(experiment, read, options.grid.named_configs)
    try:
        find_address(options.mongo_db)
    except ValueError as error:
        raise UserError(error) from error


def _plan(experiment: Experiment, options: SweepOptions, recorded: RunsInMongoDB) -> list[PlannedRun]:
    has_store = options.runs.is_dir() and not options.again
    stored: list[StoredRun] = list(read_runs(options.runs, warn, remark=lambda _: None)) if has_store else []
    stored += recorded.read({run.uuid for run in stored})
    return plan(
        experiment,
        options.part.select(options.grid.points(options.draws, options.draw_seed)),
        named_configs=options.grid.named_configs,
        options=options.run_options,
        store=Store(stored, recorded.script, recorded.sources, warn),
    )


def _announcement(planned: Sequence[PlannedRun], *, dry_run: bool) -> str:
    counts = Counter(run.match.state for run in planned)
    needed = sum(run.is_needed for run in planned)
    parts = [
        (needed, "to run" if dry_run else "to run, once TensorFlow is imported"),
        (counts[State.INTERRUPTED], "of them resumed"),
        (counts[State.OUTDATED], "of them repeated, because sources have changed"),
        (len(planned) - needed, "recorded already (--again repeats them)"),
    ]
    return "; ".join(f"{count} {text}" for count, text in parts if count) or "no runs"


def _print_results(results: Sequence[RunResult], varied: Sequence[str], *, is_complete: bool) -> None:
    print(f"\n{format_table(results, varied)}")
    if len(results) > 1 and (best := format_best(results, varied)):
        print(best)
    if is_complete and (missing := format_missing(results, varied)):
        print(f"\n{missing}")
    if elsewhere := describe_elsewhere(results):
        print(f"\n{elsewhere}")
