"""Trains the runs of a sweep, each in a process that an engine provides."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from sacred import Experiment

from experiments.configs.files import is_config_file
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.engine import started_engine
from experiments.sweeps.executors.worker import Outcome, Request
from experiments.sweeps.options import SweepOptions
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.runner import RunSource, run_all


@dataclass(frozen=True)
class Ending:
    """How the training of a sweep ended.

    Attributes:
        stopped_by: the signal that ended it, if any.
        failure: the loss of the cluster that ended it, if any.
    """

    stopped_by: int | None = None
    failure: ClusterError | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing has ended it before its time."""
        return self.stopped_by is None and self.failure is None


def train_all(
    experiment: Experiment,
    source: RunSource,
    total: int,
    options: SweepOptions,
    sources: Mapping[str, str],
    on_start: Callable[[], None],
) -> Ending:
    """Train what a source hands out, and print each run as it ends.

    Args:
        experiment: to train.
        source: of the runs.
        total: the number of runs, at least 1.
        options: of the sweep.
        sources: digests of the project's sources.
        on_start: is called once signals are forwarded to the runs, before the first one starts.

    Raises:
        UserError: the cluster cannot be reached or started.
    """
    script = Path(experiment.mainfile.filename)
    shown = os.path.relpath(script)
    printer = ResultPrinter(total, options.grid.varied)
    try:
        with started_engine(options, script.stem, total, sources, printer.note) as engine:

            def submit(run: PlannedRun) -> Future[Outcome]:
                reads_files = any(is_config_file(word, experiment.named_configs) for word in run.words)
                return engine.submit(
                    Request(script.stem, shown, run.words, run.options, sources, run.config, reads_files, run.trial)
                )

            return Ending(run_all(submit, source, printer, slots=engine.slots, stop=engine.stop, on_start=on_start))
    except ClusterError as error:
        return Ending(failure=error)
