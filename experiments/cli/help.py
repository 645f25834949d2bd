"""Describes a command: how it is used, and what it does."""

import inspect
from pathlib import Path

from sacred import Experiment

from experiments.commands.arguments import arguments_of
from observers.system.shell import typed_script


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
