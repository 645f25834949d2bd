"""Reads the command line of python -m analysis, and reports errors in one line."""

import argparse
import signal
import sys
from collections.abc import Sequence

from analysis.commands import compare, find, groups, plot, report, table
from analysis.commands.output import visible

_MODULES = (table, groups, compare, find, plot, report)


def main(argv: Sequence[str] | None = None) -> int:
    """Execute a command, and return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except (ValueError, OSError) as error:
        print(visible(f"analysis: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Compare recorded runs, from directories or MongoDB. Runs that differ in more than their seeds "
        "are never mixed unless you ask for it.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _MODULES:
        module.add_commands(commands)
    return parser
