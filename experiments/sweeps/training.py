"""Trains the runs of a sweep, each in a process that an engine provides."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from sacred import Experiment

from experiments.sweeps.engine import started_engine
from experiments.sweeps.executors.worker import Outcome, Request
from experiments.sweeps.options import SweepOptions
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.runner import RunSource, run_all


def train_all(
    experiment: Experiment,
    source: RunSource,
    total: int,
    options: SweepOptions,
    sources: Mapping[str, str],
    on_start: Callable[[], None],
) -> int | None:
    """Train what a source hands out, and print each run as it ends.

    Args:
        experiment: to train.
        source: of the runs.
        total: the number of runs, at least 1.
        options: of the sweep.
        sources: digests of the project's sources.
        on_start: is called once signals are forwarded to the runs, before the first one starts.

    Returns:
        The signal that ended the sweep, if any.
    """
    script = Path(experiment.mainfile.filename)
    shown = os.path.relpath(script)
    printer = ResultPrinter(total, options.grid.varied)
    with started_engine(options, script.stem, total, sources, printer.note) as engine:

        def submit(run: PlannedRun) -> Future[Outcome]:
            request = Request(script.stem, shown, run.words, run.options, sources, run.config, run.any_seed, run.trial)
            return engine.submit(request)

        return run_all(submit, source, printer, slots=engine.slots, stop=engine.stop, on_start=on_start)
