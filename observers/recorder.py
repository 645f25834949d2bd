"""Has a Sacred experiment record its runs: in a directory, and in MongoDB if a database is named."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.observers import FileStorageObserver, RunObserver
from sacred.run import Run

from observers.directory.observer import RecordError, RunDirectoryObserver, unrecorded_of
from observers.mongodb.address import Address, find_address, read_address
from observers.mongodb.live import LiveDeliveryObserver
from observers.redaction import redact
from observers.system.process import OneThread
from observers.system.streams import open_closed_descriptors
from observers.termination import Termination

_OTHER_STORAGE = ("--s3", "--sql", "--tiny_db")  # options for which Sacred adds observers of its own


def record(experiment: Experiment, runs: str | Path = "runs", *, mongo: str | None = None) -> None:
    """Record every run of an experiment: config, sources, points, output, artifacts, result, and how it ended.

    Call it once, anywhere before the first run; another call replaces directory and database. Nothing is written
    before a run starts, and nothing changes for other experiments of the process. Options of Sacred apply to one
    run: `-F DIRECTORY` replaces `runs`, and `-m DATABASE` replaces `mongo`.

    A signal that would kill the process ends the run as TERMINATED, unless the program handles it. `run_commandline`
    exits with status 1 if something could not be recorded.

    Args:
        experiment: of Sacred.
        runs: the directory; each run gets a directory of its own in it.
        mongo: a mongodb:// URL with a database, or HOST:PORT:DATABASE. None takes the variable MONGO_URL at the start
            of each run; if it is not set either, the runs are recorded in the directory alone.

    Raises:
        TypeError: it is not an experiment; an ingredient has no runs.
        ValueError: the address of MongoDB cannot be read.
    """
    if not isinstance(experiment, Experiment):
        raise TypeError(f"record takes a sacred.Experiment, not {type(experiment).__name__}")
    address = read_address(mongo) if mongo and mongo.strip() else None
    recorders = [hook for hook in experiment.option_hooks if isinstance(hook, _Recorder)]
    recorder = recorders[0] if recorders else _Recorder(experiment)
    recorder.runs, recorder.address = Path(runs), address


def make_observers(runs: str | Path, address: Address | None, *, copy_output: bool) -> list[RunObserver]:
    """Make the observers of a run: of its directory, and of MongoDB if there is an address.

    Args:
        runs: the directory of the runs.
        address: of the database.
        copy_output: copy what is printed; Sacred then needs to capture nothing.
    """
    directory = RunDirectoryObserver(runs, copy_output=copy_output)
    return [directory] if address is None else [directory, LiveDeliveryObserver(directory, address)]


def redact_options(options: dict[str, Any]) -> None:
    """Remove the passwords that are known by now from the options of a command line, which Sacred records."""
    for flag, value in options.items():
        if isinstance(value, list):
            options[flag] = [redact(text) if isinstance(text, str) else text for text in value]
        elif isinstance(value, str):
            options[flag] = redact(value)


class _Recorder:
    """Gives each run of an experiment observers of its own: a run may start another one.

    Attributes:
        runs: the directory of the runs.
        address: of the database, None if only -m or MONGO_URL may name one.
    """

    runs: Path
    address: Address | None

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._attached: list[RunObserver] = []
        self._one_thread = OneThread()
        experiment.option_hooks.append(self)
        experiment.run = functools.partial(self._run, experiment.run)
        experiment.run_commandline = functools.partial(_run_commandline, experiment.run_commandline)

        @experiment.pre_run_hook
        def handle_signals(_run: Run) -> None:
            for observer in _run.observers:
                if isinstance(observer, Termination):
                    observer.handle_signals(_run)

        experiment.pre_run_hooks.insert(0, experiment.pre_run_hooks.pop())  # others may take long

    def __call__(self, options: dict[str, Any]) -> None:
        """Attach observers for the next run, and take the options for which Sacred would attach its own."""
        open_closed_descriptors()  # before a file of the run is taken for a standard stream
        attached = set(map(id, self._attached))  # observers of one directory are equal
        others = [observer for observer in self._experiment.observers if id(observer) not in attached]
        runs, address = Path(options["--file_storage"] or self.runs), self._address(options["--mongo_db"])
        _refuse_same_directory(others, runs)
        options["--file_storage"] = options["--mongo_db"] = None
        redact_options(options)
        are_others = bool(others) or any(options.get(flag) for flag in _OTHER_STORAGE)
        if options["--queue"] and not are_others:
            raise RecordError("--queue records no run: start it without this option")
        copy_output = options["--capture"] is None
        if copy_output and not are_others:
            options["--capture"] = "no"
        self._attached = [*make_observers(runs, address, copy_output=copy_output), Termination()]
        self._experiment.observers = others + self._attached

    def _run(self, run: Callable[..., Run], *args: Any, **kwargs: Any) -> Run:
        """Run the experiment, unless another thread does: Sacred would give each run's functions the other run."""
        path = self._experiment.path
        with self._one_thread.alone() as is_alone:
            if is_alone:
                return run(*args, **kwargs)
        raise RecordError(f"another thread runs {path!r}: give each thread an Experiment of its own, or a process")

    def _address(self, option: str | None) -> Address | None:
        if option is None and self.address is not None:
            return self.address
        try:
            return find_address(option)
        except ValueError as error:
            raise RecordError(str(error)) from error


def _refuse_same_directory(observers: Iterable[RunObserver], runs: Path) -> None:
    """Refuse an observer that would write the files of the same run."""
    for observer in observers:
        if isinstance(observer, FileStorageObserver) and Path(observer.basedir).resolve() == runs.resolve():
            kind = type(observer).__name__
            raise RecordError(f"the experiment has a {kind} for {runs}, too: remove it, record writes the same files")


def _run_commandline(run_commandline: Any, argv: Iterable[str] | None = None) -> Run | None:
    """Run the command line of an experiment; exit with status 1 if the run is not recorded as a whole."""
    run = run_commandline(argv)
    if run is not None and unrecorded_of(run.observers):
        sys.exit(1)
    return run
