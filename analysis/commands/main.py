"""Reads the command line of python -m analysis, and reports errors in one line."""

import argparse
import signal
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from analysis.commands import compare, find, groups, plot, report, table
from observers.errors import line_of_os_error, problem_of
from observers.redaction import RedactingParser
from observers.system.stderr import warn

_MODULES = (table, groups, compare, find, plot, report)


def main(argv: Sequence[str] | None = None) -> int:
    """Execute a command, and return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except PyMongoError as error:
        warn(f"analysis: MongoDB {problem_of(error)}")
        return 1
    except OSError as error:
        warn(f"analysis: {line_of_os_error(error)}")
        return 1
    except ValueError as error:
        warn(f"analysis: {' '.join(str(error).split())}")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = RedactingParser(
        prog="python -m analysis",
        description="Compare recorded runs, from directories or MongoDB. Runs that differ in more than their seeds "
        "are never mixed unless you ask for it.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _MODULES:
        module.add_commands(commands)
    return parser
