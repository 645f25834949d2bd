"""The command report: a sweep as one HTML page."""

import argparse
from typing import Any

from analysis.commands.output import named, write
from analysis.commands.selection import add_command, add_sources, file_to_write, select
from analysis.report.page import make_report
from observers.system.files import atomic_write


def add_commands(commands: Any) -> None:
    """Add the command to a parser."""
    parser = add_command(
        commands,
        "report",
        "a sweep as one HTML page that needs no network: the answer in words, tables, learning curves, parallel "
        "coordinates, the importance of each entry",
        _report,
    )
    add_sources(parser)
    parser.add_argument(
        "-o", dest="page", metavar="FILE", default="report.html", help="to write (default: %(default)s)"
    )


def _report(arguments: argparse.Namespace) -> None:
    path = file_to_write(arguments.page, (".html",))
    selection = select(arguments.sources, arguments.where)
    page = make_report(
        selection.experiments, selection.runs, selection.entries, selection.source, path.absolute().parent
    )
    with atomic_write(path) as file:
        file.write(page.encode("utf-8", "backslashreplace"))
    write(f"{named(len(selection.runs), 'run')} in {path}")
