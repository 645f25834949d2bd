"""Describes a script or a command: how it is used, and what it does."""

import inspect
import os
import sys
from pathlib import Path
from typing import Any

from sacred import Experiment, cli_option
from sacred.arg_parser import format_usage

from experiments.cli.options import UNSUPPORTED
from experiments.commands.arguments import arguments_of
from observers.system.shell import typed_script

_WITHOUT_QUEUE = "--priority"  # of a queued run


def describe_script(experiment: Experiment) -> str:
    """Return the help of a script: Sacred's, without the options that are refused or change nothing here."""
    hidden = {*UNSUPPORTED, _WITHOUT_QUEUE}
    ours = {option.get_flags(): option for option in (_file_storage, _mongo_db)}
    shown = [
        ours.get(option.get_flags(), option)
        for option in experiment.all_cli_options
        if not hidden.intersection(option.get_flags())
    ]
    script, commands = os.path.relpath(sys.argv[0]), dict(experiment.gather_commands())
    return str(format_usage(script, experiment.doc, commands, shown))


def describe_command(experiment: Experiment, name: str) -> str:
    """Return how a command is used, its arguments by their names, and its description.

    Args:
        experiment: the experiment of the script.
        name: of the command.
    """
    command = dict(experiment.gather_commands())[name]
    arguments = arguments_of(command)
    if "run" in arguments or "project" in arguments:  # the config is that of the run
        given = "with " + " ".join(f"{argument}=..." for argument in arguments)
    else:
        given = "[with NAME=VALUE ...]"
    script = typed_script(Path(experiment.mainfile.filename))
    typed = script if name == experiment.default_command else f"{script} {name}"
    return f"{typed} {given} [OPTIONS]\n\n{inspect.getdoc(command) or ''}\n"


@cli_option("-F", "--file_storage")
def _file_storage(value: str, run: Any) -> None:
    """Record the run in this directory of runs; the default is runs."""


@cli_option("-m", "--mongo_db")
def _mongo_db(value: str, run: Any) -> None:
    """Store the run also in MongoDB, at mongodb://HOST:PORT/DATABASE or HOST:PORT:DATABASE."""
