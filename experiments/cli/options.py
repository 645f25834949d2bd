"""Reads the command line, and refuses options that Sacred would answer with a traceback."""

import difflib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from docopt import DocoptExit, docopt
from sacred import Experiment

from experiments.cli.updates import is_update
from experiments.pipeline.errors import UserError, refuse_other_encodings
from observers.system.shell import typed_text

_RANGES = {"--beat-interval": (0.1, 60), "--priority": (-1e9, 1e9)}
_CAPTURE_MODES = ("no", "sys", "fd")
_LARGEST_LEVEL = 50
UNSUPPORTED = {
    "--queue": "queues a run that nothing would execute: use a loop of the shell, or experiments/sweep.py",
    "--s3": "is not supported: runs are recorded in a directory and in MongoDB",
    "--sql": "is not supported: runs are recorded in a directory and in MongoDB",
    "--tiny_db": "is not supported: runs are recorded in a directory and in MongoDB",
}
"""Options of Sacred that are refused, and why."""


def read_options(experiment: Experiment, arguments: Sequence[str]) -> dict[str, Any]:
    """Read the arguments of a script as Sacred does; `COMMAND --help` is `help COMMAND`.

    Raises:
        UserError: if they cannot be read; the message suggests what may be meant.
    """
    refuse_other_encodings(arguments)
    commands = dict(experiment.gather_commands())
    if len(arguments) == 2 and arguments[0] in commands and arguments[1] in ("-h", "--help"):
        arguments = ["help", arguments[0]]
    try:
        return dict(docopt(experiment.get_usage()[2], list(arguments), default_help=False))
    except DocoptExit:
        flags = {flag for option in experiment.all_cli_options for flag in option.get_flags()}
        unknown = [text for text in arguments if text.startswith("-") and text.partition("=")[0] not in flags]
        problem = f"there is no option {unknown[0]}" if unknown else f"cannot read {' '.join(arguments)!r}"
        meant = "" if unknown else _suggest_with(commands, arguments)
        usage = "use [COMMAND] [with NAME=VALUE ...] [OPTIONS]; 'help' lists them"
        raise UserError(f"{problem}{meant}: {usage}") from None


def find_command(experiment: Experiment, name: str) -> Callable[..., Any]:
    """Find a command of an experiment by its name.

    Raises:
        UserError: if there is none; the message suggests a similar one.
    """
    commands = dict(experiment.gather_commands())
    if name not in commands:
        near = (
            [f"with {typed_text(name)}"]
            if is_update(name) or name in experiment.named_configs
            else difflib.get_close_matches(name, commands, n=1)
        )
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise UserError(f"there is no command {name}{hint}: choose one of {', '.join(commands)}")
    command: Callable[..., Any] = commands[name]
    return command


def check_options(options: Mapping[str, Any]) -> None:
    """Check the values of all options.

    Raises:
        UserError: names the value and what is allowed.
    """
    for flag, reason in UNSUPPORTED.items():
        if options[flag]:
            raise UserError(f"{flag} {reason}")
    for flag, (least, most) in _RANGES.items():
        if options[flag] is not None and not _is_number(options[flag], least, most):
            raise UserError(f"{flag}={options[flag]} is not a number from {least} to {most}")
    if options["--capture"] not in (None, *_CAPTURE_MODES):
        raise UserError(f"--capture={options['--capture']} is not one of {', '.join(_CAPTURE_MODES)}")
    if options["--loglevel"] is not None and not _is_level(options["--loglevel"]):
        raise UserError(
            f"--loglevel={options['--loglevel']} is not 0 to {_LARGEST_LEVEL}"
            " or one of DEBUG, INFO, WARNING, ERROR, CRITICAL"
        )


def _suggest_with(commands: Collection[str], arguments: Sequence[str]) -> str:
    """Suggest the command line with the word `with`, if it lacks that."""
    if "with" in arguments or len(arguments) < 2:
        return ""
    if any(text.startswith("-") for text in arguments):  # what follows may be the value of an option
        return ""
    command, rest = (arguments[:1], arguments[1:]) if arguments[0] in commands else ([], arguments)
    if arguments[0] == "predict":
        rest = [text if "=" in text else f"words={text}" for text in rest]
    return f" (did you mean '{' '.join([*command, 'with', *map(typed_text, rest)])}'?)"


def _is_number(text: str, least: float, most: float) -> bool:
    try:
        return least <= float(text) <= most
    except ValueError:
        return False


def _is_level(text: str) -> bool:
    if text.isascii() and text.isdigit():
        return int(text) <= _LARGEST_LEVEL
    return text in logging.getLevelNamesMapping()
