"""Reads the command line of python -m analysis, and reports errors in one line."""

import argparse
import importlib
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from observers.errors import line_of_error, problem_of
from observers.redaction import RedactingParser
from observers.system.stderr import warn

MODULES: Mapping[str, Sequence[str]] = {
    "table": ("table",),
    "groups": ("groups",),
    "compare": ("compare", "diff"),
    "find": ("best", "failed", "duplicates"),
    "plot": ("plot",),
    "report": ("report",),
}
"""The modules of this folder, and the commands of each."""


def main(argv: Sequence[str] | None = None) -> int:
    """Execute a command, and return the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser(_needed_modules(argv)).parse_args(argv)
    try:
        arguments.run(arguments)
    except PyMongoError as error:
        warn(f"analysis: MongoDB {problem_of(error)}")
        return 1
    except (OSError, ValueError) as error:
        warn(f"analysis: {line_of_error(error)}")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _needed_modules(argv: Sequence[str]) -> list[Any]:
    """Import the module of the command that is asked for: those of others import scipy, scikit-learn and more."""
    named = [name for name, commands in MODULES.items() if argv and argv[0] in commands]
    return [importlib.import_module(f"analysis.commands.{name}") for name in named or MODULES]


def _parser(modules: Sequence[Any]) -> argparse.ArgumentParser:
    parser = RedactingParser(
        prog="python -m analysis",
        description="Compare recorded runs, from directories or MongoDB. Runs that differ in more than their seeds "
        "are never mixed unless you ask for it.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in modules:
        module.add_commands(commands)
    return parser
