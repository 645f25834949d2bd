"""The command table: a row for each run."""

import argparse
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from analysis.commands.output import add_format, named, show, write
from analysis.commands.selection import Selection, add_command, add_sources, names, select
from analysis.tables import overview
from analysis.values import order as order_of


def add_commands(commands: Any) -> None:
    """Add the command to a parser."""
    parser = add_command(
        commands, "table", "a row for each run: how it differs, how it ended, what was measured", _table
    )
    add_sources(parser)
    parser.add_argument("--sort", metavar="NAME,...", type=names, default=[], help="by these columns")
    parser.add_argument("--descending", action="store_true", help="sort from the largest to the smallest")
    parser.add_argument("--columns", metavar="NAME,...", type=names, help="these columns, of all that --all shows")
    parser.add_argument("--all", action="store_true", help="every config entry, and the last value of every metric")
    add_format(parser)


def _table(arguments: argparse.Namespace) -> None:
    selection = select(arguments.sources, arguments.where)
    show(_rows(selection, arguments), arguments.format)
    if arguments.format == "text":
        write(f"\n{_costs(selection.runs)}")


def _rows(selection: Selection, arguments: argparse.Namespace) -> pd.DataFrame:
    shown = overview(selection.experiments)
    if arguments.columns or arguments.all:
        columns = arguments.columns or list(selection.runs.columns)
        shown = selection.runs[[name for name in selection.columns(columns) if name != "run"]]
    order = selection.columns(arguments.sort)
    if not order:
        return shown
    keys = selection.runs.reset_index()[order].set_axis(selection.runs.index)
    return shown.loc[keys.sort_values(order, ascending=not arguments.descending, kind="stable", key=_sortable).index]


def _sortable(values: pd.Series) -> pd.Series:
    """Return numbers as they are, and sort keys of a column that also has words."""
    return values if is_numeric_dtype(values) else values.map(order_of)


def _costs(runs: pd.DataFrame) -> str:
    completed = int((runs["status"] == "COMPLETED").sum())
    cost = f"; {runs['cpu_seconds'].sum():.0f} s of processor time" if runs["cpu_seconds"].notna().any() else ""
    return f"{named(len(runs), 'run')}, {completed} completed{cost}"
