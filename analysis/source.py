"""The runs that a command line names: a directory, or a database."""

import argparse
import sys

from incense.query_set import QuerySet

from analysis.loading import load_runs


def add_source(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """Add the argument `runs`, optional if it has a default."""
    parser.add_argument(
        "runs",
        metavar="RUNS",
        nargs="?" if default else None,
        default=default,
        help=f"a directory{f' (default: {default})' if default else ''}, or a database: mongodb://HOST/NAME",
    )


def load_or_exit(source: str) -> QuerySet:
    """Load the runs of a source; exit with one line if that is not possible."""
    try:
        return load_runs(source)
    except (FileNotFoundError, ConnectionError, ValueError) as error:
        sys.exit(str(error))


def describe(source: str) -> str:
    """Name a source in a message; the URL of a database may hold a password."""
    return source if "://" not in source else "the database"
