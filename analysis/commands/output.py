"""Writes tables as text that fits the terminal, or as CSV, Markdown, LaTeX or JSON."""

import argparse
import json
import math
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from tabulate import tabulate

from analysis.values import as_text, is_missing
from observers.system.json_values import float_name
from observers.system.stderr import visible

FORMATS = ("text", "csv", "markdown", "latex", "json")

_LONGEST = 28  # characters of a cell, on a terminal that is too narrow
_FEWEST = 2  # columns that remain on any terminal
_HEADINGS = {"duration": "duration (s)", "cpu_seconds": "CPU (s)"}


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the option --format."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="of the table (default: %(default)s)")


def format_frame(frame: pd.DataFrame, form: str = "text", width: int | None = None) -> str:
    """Write a table with its index as first columns.

    Args:
        frame: the table.
        form: one of FORMATS. Text, Markdown and LaTeX have four digits of a float, CSV and JSON all of them.
        width: columns of the terminal, for text; None is any width.
    """
    flat = frame.reset_index()
    if form == "csv":
        return flat.to_csv(index=False).rstrip("\n")
    if form == "json":
        records = [{name: _json_value(value) for name, value in row.items()} for row in flat.to_dict("records")]
        return json.dumps(records, indent=2, ensure_ascii=False)
    cells = flat.astype(object).map(as_text).rename(columns=_HEADINGS)
    if form == "markdown":
        escaped = cells.map(lambda cell: cell.replace("|", "\\|"))
        return str(tabulate(escaped, "keys", tablefmt="github", showindex=False, **_alignment(flat)))
    if form == "latex":
        return str(tabulate(cells, "keys", tablefmt="latex_booktabs", showindex=False, **_alignment(flat)))
    return _fit(cells, flat, width)


def terminal_width() -> int | None:
    """Return the columns of the terminal, None if the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def show(frame: pd.DataFrame, form: str = "text") -> None:
    """Print a table."""
    write(format_frame(frame, form, terminal_width()))


def write(text: str) -> None:
    """Print text, whatever a run holds: a character that would control the terminal is written as its code."""
    print(visible(text))


def _json_value(value: Any) -> Any:
    """Return a value that JSON can hold: null for a missing one, the name of an infinity, text for all else."""
    if is_missing(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return float_name(value)
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, bool | int | float | str | list | dict) else str(value)


def _alignment(flat: pd.DataFrame) -> dict[str, Any]:
    """Align numbers to the right, and words to the left."""
    numeric = [pd.to_numeric(flat[name].dropna(), errors="coerce").notna().all() for name in flat]
    return {"disable_numparse": True, "colalign": ["right" if each else "left" for each in numeric]}


def _fit(cells: pd.DataFrame, flat: pd.DataFrame, width: int | None) -> str:
    """Lay out text: with headings of several lines, shorter cells and at last fewer columns if it is too wide."""
    text = _plain(cells, flat)
    if width is None or _width(text) <= width:
        return text
    cells = cells.map(lambda cell: cell if len(cell) <= _LONGEST else f"{cell[: _LONGEST - 1]}…")
    for count in range(len(cells.columns), _FEWEST - 1, -1):
        kept, left_out = cells.iloc[:, :count], list(cells.columns[count:])
        text = _plain(kept, flat.iloc[:, :count], broken=True)
        if _width(text) <= width:
            break
    missing = textwrap.fill(
        f"(not shown, since the terminal is too narrow: {', '.join(left_out)})", width, break_long_words=False
    )
    return f"{text}\n{missing}" if left_out else text


def _plain(cells: pd.DataFrame, flat: pd.DataFrame, *, broken: bool = False) -> str:
    headings = [_broken(str(name)) if broken else str(name) for name in cells]
    rows = [headings, *cells.to_numpy().tolist()]  # headings of tabulate's own would take two columns more each
    laid_out = tabulate(rows, tablefmt="plain", **_alignment(flat))
    return "\n".join(line.rstrip() for line in str(laid_out).splitlines())


def _broken(heading: str) -> str:
    """Break a heading into lines, not within brackets."""
    return re.sub(r"/|_| (?![^(]*\))", lambda mark: "/\n" if mark[0] == "/" else "\n", heading)


def _width(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def named(count: int, word: str) -> str:
    """Write a number of things."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def joined(parts: Sequence[str]) -> str:
    """Join paragraphs with an empty line between them."""
    return "\n\n".join(part for part in parts if part)
