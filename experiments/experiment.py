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
from experiments.configs.files import add_earlier_values, read_named_configs, registered
from experiments.pipeline.config import hint
from experiments.pipeline.errors import UserError
from experiments.pipeline.interrupts import SIGNALS
from experiments.pipeline.tensorflow import restored_tensorflow
from experiments.pruning import Judge
from experiments.recording.layout import MODEL, ROOT, RUNS
from experiments.recording.observers import attach_observers, describe_record
from experiments.recording.resume import with_parent
from observers.directory.observer import RunDirectoryObserver, directory_of, unrecorded_of
from observers.system.process import OneThread

_ONE_THREAD = OneThread()  # a run sets what belongs to the process: TensorFlow's graph and switches, random numbers
_NOISE = ("Aborted after", "Failed after", "Changed type of config entry", "Added new config entry")


class WordExperiment(Experiment):
    """An experiment whose runs save their state at a stop signal, and leave the process as it was.

    Attributes:
        judge: decides after each validation whether a training goes on; None outside of a search.
    """

    logger: Any  # of Sacred
    judge: Judge | None = None

    @property
    def script(self) -> str:
        """The script of the experiment, by its path below the root of the project."""
        return str(self.mainfile.to_json(str(ROOT))[0])

    def run(
        self,
        command_name: str | None = None,
        config_updates: Mapping[str, Any] | None = None,
        named_configs: Sequence[str] = (),
        info: Mapping[str, Any] | None = None,
        meta_info: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run a command, the training if none is named, as Sacred does; at the end, print where it is recorded.

        Args:
            command_name: of the command.
            config_updates: config entries by name; also `resume`, the id of an interrupted run.
            named_configs: named configs and config files, which are read as plain data; one may stand alone.
            info: of the run.
            meta_info: of the run.
            options: of the command line; with `--file_storage` or `--mongo_db`, the run is recorded as there.

        Raises:
            UserError: something is not valid, or another thread runs an experiment of this project.
            KeyboardInterrupt: a signal has ended the run, which has saved its state.
            DivergedInterrupt: the loss is no longer finite; the run is recorded.
            PrunedInterrupt: the judge of this experiment has ended the training; the run is recorded.
        """
        self._check_options(options or {})
        with _alone():
            before = set(map(id, self.observers))
            try:
                return self.run_quietly(command_name, config_updates, named_configs, info, meta_info, options)
            finally:
                run = self.current_run
                if run is not None and set(map(id, run.observers)) - before and (line := describe_record(run)):
                    print(line)

    def run_quietly(
        self,
        command_name: str | None = None,
        config_updates: Mapping[str, Any] | None = None,
        named_configs: Sequence[str] = (),
        info: Mapping[str, Any] | None = None,
        meta_info: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run a command like `run`, and leave it to the caller to say where it is recorded."""
        options = {**self.get_default_options(), **(options or {})}
        command_name = command_name or self.default_command
        named_configs = [named_configs] if isinstance(named_configs, str) else named_configs
        with ExitStack() as stack:
            for context in (_alone(), _restored_random(), restored_tensorflow(), self._logging()):
                stack.enter_context(context)
            self.current_run = None
            configs = read_named_configs(named_configs, self.named_configs)
            runs = self._runs(options)
            stack.enter_context(self._observing(options, command_name))
            stack.enter_context(SIGNALS.handling(lambda: is_over(self)))
            updates = {name: _plain(value) for name, value in (config_updates or {}).items()}
            info = dict(info or {})
            if command_name == self.default_command:
                updates, parent = with_parent(updates, named_configs, runs, self.script)
                info |= parent
            updates = add_earlier_values(updates, configs)
            meta_info = {"options": {**options, "--mongo_db": None}, **(meta_info or {})}
            options["--file_storage"] = options["--mongo_db"] = None  # Sacred would attach observers of its own
            names = stack.enter_context(registered(self, configs))
            run = super().run(command_name, updates, names, info, meta_info, options)
            directory = directory_of(run.observers)
            if directory is not None and not unrecorded_of(run.observers):
                remove_state(directory / MODEL)
            return run

    def _check_options(self, options: Mapping[str, Any]) -> None:
        """Refuse options that Sacred would pass over, which may mean that a run is not recorded."""
        known = self.get_default_options()
        for name in options:
            if name not in known:
                raise UserError(f"{name} is no option of a run: {hint(name, list(known))}")

    def _runs(self, options: Mapping[str, Any]) -> Path:
        """Return the directory of the runs: that of the options, or else of an observer, or else the default."""
        recording = [observer.basedir for observer in self.observers if isinstance(observer, RunDirectoryObserver)]
        return Path(options["--file_storage"] or next(iter(recording), RUNS))

    @contextmanager
    def _observing(self, options: dict[str, Any], command: str) -> Iterator[None]:
        """Attach the observers that the options ask for, for the time of the block, if the command is recorded."""
        before = list(self.observers)
        is_recorded = not getattr(self.commands.get(command), "unobserved", False) and not options["--unobserved"]
        if is_recorded and (options["--file_storage"] or options["--mongo_db"]):
            attach_observers(self, options)
        if options["--capture"] is None and any(getattr(each, "copies_output", False) for each in self.observers):
            options["--capture"] = "no"  # the observer copies the output
        try:
            yield
        finally:
            self.observers[:] = before

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


def _plain(value: Any) -> Any:
    """Return a number of NumPy as one of Python, as a command line gives it."""
    return value.item() if isinstance(value, np.generic) else value


@contextmanager
def _alone() -> Iterator[None]:
    """Refuse to run while another thread does."""
    with _ONE_THREAD.alone() as is_alone:
        if not is_alone:
            raise UserError("another thread runs an experiment in this process: wait for its end, or use a process")
        yield


@contextmanager
def _restored_random() -> Iterator[None]:
    """Restore the random numbers of Python and NumPy, which Sacred seeds for a run."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
