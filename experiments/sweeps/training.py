"""Trains the runs of a sweep on an executor: forks of a warm server on this machine."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from sacred import Experiment

from experiments.sweeps.executors.fork_executor import ForkExecutor
from experiments.sweeps.executors.worker import Outcome, Request, preloaded_modules, train
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
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for the server, which imports TensorFlow
    script = Path(experiment.mainfile.filename)
    shown = os.path.relpath(script)
    jobs = min(options.jobs, total)
    modules = preloaded_modules(script.stem, judged=options.search is not None)
    with ForkExecutor(jobs, modules) as executor:

        def submit(run: PlannedRun) -> Future[Outcome]:
            request = Request(script.stem, shown, run.words, run.options, sources, run.config, run.any_seed, run.trial)
            return executor.submit(train, request)

        printer = ResultPrinter(total, options.grid.varied)
        return run_all(submit, source, printer, slots=lambda: jobs, stop=executor.stop, on_start=on_start)
