"""A Sacred experiment that runs in any process as on the command line: in a notebook, in a test, after other runs."""

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sacred import Experiment
from sacred.run import Run

from core.training.state import remove_state
from experiments.pipeline.interrupts import SIGNALS
from experiments.pipeline.tensorflow import restored_tensorflow
from experiments.pruning import Judge
from experiments.recording.layout import MODEL, ROOT, RUNS
from experiments.recording.observers import attach_observers, describe_record
from experiments.recording.resume import with_parent
from observers.directory.observer import RunDirectoryObserver, directory_of, unrecorded_of

_NOISE = ("Aborted after", "Failed after", "Changed type of config entry", "Added new config entry")


class WordExperiment(Experiment):
    """An experiment whose runs save their state at a stop signal, and leave the process as it was.

    Attributes:
        judge: decides after each validation whether a training goes on; None outside of a search.
    """

    logger: Any  # of Sacred
    judge: Judge | None = None

    def run(
        self,
        command_name: str | None = None,
        config_updates: Mapping[str, Any] | None = None,
        named_configs: Sequence[str] = (),
        info: Mapping[str, Any] | None = None,
        meta_info: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run a command, the training if none is named, as Sacred does.

        Args:
            command_name: of the command.
            config_updates: config entries by name; also `resume`, the id of an interrupted run.
            named_configs: named configs and config files.
            info: of the run.
            meta_info: of the run.
            options: of the command line; with `--file_storage` or `--mongo_db`, the run is recorded as there.

        Raises:
            KeyboardInterrupt: a signal has ended the run, which has saved its state.
            DivergedInterrupt: the loss is no longer finite; the run is recorded.
            PrunedInterrupt: the judge of this experiment has ended the training; the run is recorded.
        """
        options = {**self.get_default_options(), **(options or {})}
        command_name = command_name or self.default_command
        self.current_run = None
        with ExitStack() as stack:
            for restored in (_restored_random(), restored_tensorflow(), self._logging()):
                stack.enter_context(restored)
            stack.enter_context(self._observing(options, command_name))
            stack.enter_context(SIGNALS.handling_as_guest(lambda: is_over(self)))
            updates, info = dict(config_updates or {}), dict(info or {})
            if command_name == self.default_command:
                script = self.mainfile.to_json(str(ROOT))[0]
                updates, parent = with_parent(updates, named_configs, self._runs(), script)
                info |= parent
            meta_info = {"options": {**options, "--mongo_db": None}, **(meta_info or {})}
            options["--file_storage"] = options["--mongo_db"] = None  # Sacred would attach observers of its own
            run = super().run(command_name, updates, named_configs, info, meta_info, options)
            directory = directory_of(run.observers)
            if directory is not None and not unrecorded_of(run.observers):
                remove_state(directory / MODEL)
            return run

    def _runs(self) -> Path:
        """Return the directory in which the observers record, the default if none does."""
        recording = [observer for observer in self.observers if isinstance(observer, RunDirectoryObserver)]
        return Path(recording[0].basedir if recording else RUNS)

    @contextmanager
    def _observing(self, options: dict[str, Any], command: str) -> Iterator[None]:
        """Attach the observers that the options ask for, for the time of the block, if the command is recorded.

        At its end, print where they have recorded the run.
        """
        before = list(self.observers)
        is_recorded = not getattr(self.commands.get(command), "unobserved", False) and not options["--unobserved"]
        attaches = is_recorded and (options["--file_storage"] or options["--mongo_db"])
        if attaches:
            attach_observers(self, options)
        if options["--capture"] is None and any(getattr(each, "copies_output", False) for each in self.observers):
            options["--capture"] = "no"  # the observer copies the output
        try:
            yield
        finally:
            self.observers[:] = before
            if attaches and self.current_run is not None and (line := describe_record(self.current_run)):
                print(line)

    @contextmanager
    def _logging(self) -> Iterator[None]:
        """Log for the time of the block to a logger that prints only what is new, unless there is one already."""
        if self.logger is not None:
            yield
            return
        self.logger = logger = logging.getLogger("zahlwort")
        logger.propagate, logger.handlers = False, [logging.StreamHandler()]
        logger.setLevel(logging.WARNING)
        logger.handlers[0].addFilter(lambda record: not record.getMessage().startswith(_NOISE))
        try:
            yield
        finally:
            self.logger, logger.propagate, logger.handlers = None, True, []
            logger.setLevel(logging.NOTSET)


def is_before(experiment: Experiment) -> bool:
    """Tell whether no run has begun, so that nothing can be lost."""
    run = experiment.current_run
    return run is None or run.status is None


def is_over(experiment: Experiment) -> bool:
    """Tell whether the run has ended, so that only its record is still written."""
    run = experiment.current_run
    return run is not None and run.status not in (None, "RUNNING")


@contextmanager
def _restored_random() -> Iterator[None]:
    """Restore the random numbers of Python and NumPy, which Sacred seeds for a run."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
