"""Runs an experiment from the command line: what is refused takes one line, how a run ends is the exit status."""

import difflib
import errno
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import colorama
from docopt import DocoptExit, docopt
from sacred import Experiment
from sacred.arg_parser import get_config_updates
from sacred.commands import help_for_command
from sacred.run import Run
from sacred.utils import SacredError, print_filtered_stacktrace

from experiments.interrupts import INTERRUPTS, TerminatedInterrupt
from experiments.laboratory import ROOT, DivergedInterrupt
from experiments.output import protect_output
from experiments.recording import RUNS, check_options, observe
from experiments.report import show_where
from experiments.resuming import find_parent, forget_state
from experiments.settings import RefusedError
from experiments.sources import refuse_changes, without_secrets
from observers.run_directory import directory_of

_NOISE = ("Aborted after", "Failed after", "Changed type of config entry", "Added new config entry")


def main(experiment: Experiment, argv: Sequence[str] | None = None) -> NoReturn:
    """Do what the command line asks of the experiment, and exit.

    Everything is recorded and printed by then: Python and TensorFlow would take another second to tidy up.
    """
    status = obey(experiment, sys.argv[1:] if argv is None else argv)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def obey(experiment: Experiment, argv: Sequence[str]) -> int:
    """Do what the command line asks of the experiment.

    Returns:
        The exit status: 0 for a run that was completed or that diverged, 1 for one that failed or was refused, and
        128 + signal for one that was interrupted.
    """
    arguments = list(argv)
    protect_output()
    colorama.init()
    try:
        return _obey(experiment, read_options(experiment, arguments), arguments)
    except Exception as error:
        if "--debug" in arguments or "-d" in arguments:
            raise
        if isinstance(error, SacredError) or not _has_started(experiment) or _is_disk_full(error):
            line = " ".join(str(error.args[0] if error.args else repr(error)).split())
            line = os.strerror(errno.ENOSPC) if _is_disk_full(error) else line
            print(f"{experiment.path}: {without_secrets(line)}", file=sys.stderr)
        else:
            print_filtered_stacktrace()
        if _has_started(experiment):
            show_where(experiment)
        return 1


def read_options(experiment: Experiment, arguments: Sequence[str]) -> dict[str, Any]:
    """Read a command line, without the script, as Sacred does.

    Raises:
        RefusedError: when it cannot be read.
    """
    try:
        return dict(docopt(experiment.get_usage()[2], list(arguments), default_help=False))
    except DocoptExit:
        flags = {flag for option in experiment.all_cli_options for flag in option.get_flags()}
        unknown = [text for text in arguments if text.startswith("-") and text.partition("=")[0] not in flags]
        trouble = f"there is no option {unknown[0]}" if unknown else f"cannot read {' '.join(arguments)!r}"
        raise RefusedError(
            f"{trouble}: it is [COMMAND] [with NAME=VALUE ...] [OPTIONS], and 'help' lists them"
        ) from None


def _obey(experiment: Experiment, options: dict[str, Any], arguments: Sequence[str]) -> int:
    """Run the command and return the exit status."""
    command = options["COMMAND"] or experiment.default_command
    commands = dict(experiment.gather_commands())
    wants_help = options["help"] or options["--help"]
    if command not in commands:
        near = [f"with {command}"] if "=" in command else difflib.get_close_matches(command, commands, n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise RefusedError(f"there is no command {command}{hint}: there are {', '.join(commands)}")
    if wants_help:
        print(help_for_command(commands[command]) if options["COMMAND"] else experiment.get_usage()[1])
        return 0
    updates, named_configs = get_config_updates(options["UPDATE"])
    check_options(experiment, options, named_configs)
    info: dict[str, Any] = {}
    if "resume" in updates and command == experiment.default_command:
        runs = Path(options["--file_storage"] or RUNS)
        parent = find_parent(updates, named_configs, runs, experiment.mainfile.to_json(str(ROOT))[0])
        updates, info["parent"] = dict(parent.config), dict(parent.info)
    if options["--enforce_clean"]:
        refuse_changes(ROOT)
    if not commands[command].unobserved and not options["--unobserved"]:
        observe(experiment, options)
    command_line = [without_secrets(text) for text in (sys.argv[0], *arguments)]
    return _run(
        experiment,
        lambda: experiment.run(
            command, updates, named_configs, info=info, meta_info={"command_line": command_line}, options=options
        ),
    )


def _run(experiment: Experiment, begin: Callable[[], Run]) -> int:
    """Begin a run, tell how it went, and return the exit status."""
    experiment.logger = _quiet_logger()
    status = 0
    try:
        with INTERRUPTS.heeded(lambda: _is_over(experiment)):
            run = begin()
        directory = directory_of(run.observers)
        if directory is not None:
            forget_state(directory)
    except DivergedInterrupt:
        pass
    except TerminatedInterrupt as interrupt:
        status = 128 + interrupt.signal_number
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    show_where(experiment)
    return status


def _has_started(experiment: Experiment) -> bool:
    return experiment.current_run is not None and experiment.current_run.start_time is not None


def _is_disk_full(error: Exception) -> bool:
    """Tell whether there was no space left, which TensorFlow says in errors of its own."""
    return os.strerror(errno.ENOSPC) in str(error)


def _is_over(experiment: Experiment) -> bool:
    """Tell whether a run has ended, and is only being recorded."""
    run = experiment.current_run
    return run is not None and run.status not in (None, "RUNNING")


def _quiet_logger() -> logging.Logger:
    """Make the logger of Sacred, which tells of trouble and of nothing else."""
    logger = logging.getLogger("zahlwort")
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    handler = logging.StreamHandler()
    handler.addFilter(lambda record: not record.getMessage().startswith(_NOISE))
    logger.handlers = [handler]
    return logger
