"""Runs an experiment from the command line: errors in one line, and the end of the run as the exit status."""

import atexit
import functools
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import colorama
from sacred import Experiment
from sacred.utils import format_filtered_stacktrace

from experiments.cli.errors import line_of, line_of_known_error
from experiments.cli.help import describe_command, describe_script
from experiments.cli.options import check_options, find_command, read_options
from experiments.cli.summary import show_end
from experiments.cli.updates import read_updates
from experiments.experiment import WordExperiment, is_before, is_over
from experiments.pipeline.interrupts import SIGNALS, DivergedInterrupt, signal_of
from experiments.pruning import PrunedInterrupt
from experiments.recording.git import refuse_changes
from experiments.recording.layout import ROOT, RUNS
from observers.directory.observer import directory_of, unrecorded_of
from observers.mongodb.address import VARIABLE
from observers.program import end_output
from observers.redaction import learn_secrets, redact
from observers.system.streams import protect_output

_PROCESS = os.getpid()  # a fork must not call the exit handlers of its parent


def main(experiment: WordExperiment, argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line of a script, and exit.

    This calls the exit handlers of libraries, which remove their temporary files. It waits for no thread, and skips
    the release of all objects of Python and TensorFlow, which takes another second.
    """
    SIGNALS.handle_until_exit(
        is_before=lambda: is_before(experiment),
        end_before=functools.partial(_exit_before, experiment.path),
        is_over=lambda: is_over(experiment),
    )
    status = run_command_line(experiment, sys.argv[1:] if argv is None else argv)
    if os.getpid() == _PROCESS:
        atexit._run_exitfuncs()
    os._exit(end_output(experiment.path, status))


def run_command_line(experiment: WordExperiment, arguments: Sequence[str]) -> int:
    """Run a command line in this process.

    Args:
        experiment: the experiment of the script.
        arguments: the command line without the script.

    Returns:
        The exit status: 0 if the run completed, diverged or was pruned, 1 if it failed, was refused or could not be
        recorded as a whole, 128 + signal if a signal interrupted it. Without handle_until_exit, a signal other than
        SIGINT then does what it would have done without a run.
    """
    protect_output()
    colorama.init()
    learn_secrets(os.environ.get(VARIABLE, ""), *arguments)
    try:
        return _run_command(experiment, arguments)
    except Exception as error:
        if "--debug" in arguments or "-d" in arguments:
            raise
        _report_error(experiment, error)
        return 1


def _run_command(experiment: WordExperiment, arguments: Sequence[str]) -> int:
    options = read_options(experiment, arguments)
    name = options["COMMAND"] or experiment.default_command
    find_command(experiment, name)
    if options["help"] or options["--help"]:
        print(describe_command(experiment, name) if options["COMMAND"] else describe_script(experiment))
        return 0
    updates, named_configs = read_updates(options["UPDATE"])
    check_options(options)
    if options["--enforce_clean"]:
        refuse_changes(ROOT)
    options["--file_storage"] = options["--file_storage"] or str(RUNS)
    command_line = [redact(text) for text in (sys.argv[0], *arguments)]
    meta_info = {"command_line": command_line, "named_configs": named_configs}
    status = 0
    try:
        experiment.run_quietly(name, updates, named_configs, None, meta_info, options)
    except (DivergedInterrupt, PrunedInterrupt):
        pass
    except KeyboardInterrupt as interrupt:
        status = 128 + signal_of(interrupt)
    show_end(experiment)
    run = experiment.current_run
    is_recorded = run is None or not unrecorded_of(run.observers)
    return status if is_recorded else status or 1


def _report_error(experiment: Experiment, error: Exception) -> None:
    """Print an error in one line, or with its traceback if it comes from the run itself."""
    has_started = experiment.current_run is not None and experiment.current_run.start_time is not None
    line = line_of_known_error(error) or (None if has_started else line_of(error))
    if line is not None:
        print(f"{experiment.path}: {redact(line)}", file=sys.stderr)
    elif not _lost_its_directory(experiment, error):  # or show_end says so
        print(redact(format_filtered_stacktrace()), file=sys.stderr)
    if has_started:
        show_end(experiment)


def _lost_its_directory(experiment: Experiment, error: Exception) -> bool:
    """Tell whether a run has failed because others have removed its directory."""
    directory = directory_of(experiment.current_run.observers)
    return directory is not None and not directory.is_dir() and str(directory) in str(error)


def _exit_before(name: str, number: int) -> NoReturn:
    """Exit at once, in whatever the imports of TensorFlow do."""
    line = f"{name}: {signal.Signals(number).name} before a run started: nothing is recorded\n"
    with suppress(OSError):
        os.write(2, line.encode())
    os._exit(128 + number)
