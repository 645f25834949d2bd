"""A sweep of all points of a grid, from the plan to the table."""

from collections import Counter
from collections.abc import Callable, Sequence

from sacred import Experiment

from experiments.cli.options import read_options
from experiments.recording.observers import check_storage
from experiments.sweeps.options import SweepOptions
from experiments.sweeps.planning.in_mongodb import RunsInMongoDB
from experiments.sweeps.planning.plan import PlannedRun, plan
from experiments.sweeps.planning.store import State, Store
from experiments.sweeps.printer import print_lines, print_results
from experiments.sweeps.results import RunResult
from experiments.sweeps.runner import PlannedRuns
from experiments.sweeps.shared_runs import describe_elsewhere, shared
from experiments.sweeps.training import Ending, train_all
from observers.mongodb.address import VARIABLE
from observers.mongodb.reading.runs import RunInMongoDB
from observers.redaction import redact
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun
from observers.system.shell import typed_script, typed_text
from observers.system.stderr import warn


def sweep_grid(
    experiment: Experiment, options: SweepOptions, recorded: RunsInMongoDB, on_start: Callable[[], None]
) -> int:
    """Plan, train and print the results; return the exit status.

    Args:
        experiment: to train.
        options: of the sweep.
        recorded: the runs in the database that the options name.
        on_start: is called once signals are forwarded to the runs, or when there is nothing to run.

    Raises:
        ClusterError: the cluster was lost; the results are printed.
    """
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
    ending = Ending()
    if needed:
        with shared(source, planned, recorded) as runs:
            ending = train_all(experiment, runs, len(needed), options, recorded.sources, on_start)
    on_start()
    results = source.results
    if not options.part.is_whole:
        print(f"\n{options.part} of the sweep", end="")
    print_results(results, options.grid.varied, is_complete=ending.is_whole)
    if elsewhere := describe_elsewhere(results):
        print(f"\n{elsewhere}")
    if not ending.is_whole:
        _print_rest(planned, results)
    if ending.failure is not None:
        raise ending.failure
    if ending.stopped_by is not None:
        waiting = len(planned) - len(results)
        started = f"{waiting} run{'' if waiting == 1 else 's'} not started"
        print(f"interrupted; {started}; run the same command again to continue")
        return 128 + ending.stopped_by
    return int(any(result.error is not None and not result.goes_on for result in results))


def _print_rest(planned: Sequence[PlannedRun], results: Sequence[RunResult]) -> None:
    """Say how many runs of a sweep that was ended have no result."""
    missing = len(planned) - sum(result.error is None for result in results)
    print(f"\nwithout a result: {missing} of {len(planned)}")


def _print_commands(script: str, needed: Sequence[PlannedRun], options: SweepOptions) -> None:
    """Print the command of each run as the user types it; an address with a password is not printed."""
    address, given = options.mongo_db, list(options.run_options)
    hidden = given[given.index("-m") :][:2] if address is not None and address.is_secret and "-m" in given else []
    print_lines(
        f"  {script} {' '.join(typed_text(redact(text)) for text in run.arguments if text not in hidden)}"
        for run in needed
    )
    if needed and hidden:
        print(f"to deliver them as well, set {VARIABLE} to the address of {address}, with its user and password")


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
        (sum(isinstance(run.match.run, RunInMongoDB) for run in planned), "of those elsewhere, in MongoDB"),
    ]
    return "; ".join(f"{count} {text}" for count, text in parts if count) or "no runs"
