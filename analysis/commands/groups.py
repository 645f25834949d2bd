"""The command groups: runs folded over their seeds."""

import argparse
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.commands.output import add_format, format_frame, joined, terminal_width, write
from analysis.commands.selection import Selection, add_command, add_sources, names, select
from analysis.comparison.folding import first_steps, fold, mixed_remarks, with_failures
from analysis.measures import direction, in_words, is_lower_better, result_metrics, success_metric
from analysis.statistics import ENOUGH_RUNS
from analysis.tables import differing_within

_BOUND = re.compile(r"([^<>=]+)(<=|>=)([^<>=]+)")
_SPLITS = ("test", "extrapolation")


def add_commands(commands: Any) -> None:
    """Add the command to a parser."""
    parser = add_command(
        commands,
        "groups",
        "completed runs folded over their seeds: median with its 95 %% interval (bootstrap), mean, standard deviation"
        ", worst run, share of successes with its 95 %% interval (Wilson)",
        _groups,
    )
    add_sources(parser)
    add_grouping(parser)
    parser.add_argument("--metric", help="instead of the results on test and extrapolation words")
    parser.add_argument(
        "--success",
        metavar="SHARE",
        type=_share,
        default=0.99,
        help="accuracy, or share of exact answers, of a success, from 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--first",
        metavar="METRIC>=BOUND",
        type=_bound,
        help="show the first step at which a metric was there (default: the validation from --success on)",
    )
    add_format(parser)


def add_grouping(parser: argparse.ArgumentParser) -> None:
    """Add the options --by and --over."""
    parser.add_argument(
        "--by",
        metavar="ENTRY,...",
        type=names,
        default=[],
        help="config entries that make a group; others that differ follow",
    )
    parser.add_argument("--over", metavar="ENTRY,...", type=names, default=[], help="fold over these entries, too")


def grouped_by(selection: Selection, runs: pd.DataFrame, by: Sequence[str], over: Sequence[str]) -> list[str]:
    """Return the entries that make a group: those that are asked for, and whatever else differs and is no seed.

    Raises:
        ValueError: no run has an entry of this name.
    """
    selection.check_entries([*by, *over])
    return [*by, *differing_within(runs, selection.entries, by, over)]


def ended_runs(selection: Selection) -> pd.DataFrame:
    """Return the completed and diverged runs of a selection.

    Raises:
        ValueError: there are none.
    """
    runs = with_failures(selection.runs)
    if runs.empty:
        raise ValueError(f"there is no completed run in {selection.source}")
    return runs


def _groups(arguments: argparse.Namespace) -> None:
    selection = select(arguments.sources, arguments.where)
    runs = ended_runs(selection)
    by = grouped_by(selection, runs, arguments.by, arguments.over)
    metrics = [selection.metric(arguments.metric)] if arguments.metric else []
    metrics = metrics or [metric for split in _SPLITS for metric in result_metrics(runs, split)]
    metrics = [metric for metric in metrics if runs[metric].notna().any()]
    if not metrics:
        raise ValueError(f"no completed run in {selection.source} has {arguments.metric or 'a test result'}")
    tables = {metric: _fold(selection, runs, by or ["task"], metric, arguments) for metric in metrics}
    if arguments.format != "text":
        whole = pd.concat([each.assign(metric=metric) for metric, each in tables.items()])
        write(format_frame(whole, arguments.format))
        return
    added = by[len(arguments.by) :] if arguments.by else []
    notes = [f"also grouped by {', '.join(added)}, in which the runs of a group differ (--over folds them)"]
    remarks = "\n".join(mixed_remarks(runs, by))
    write(joined([*notes[: len(added)], remarks, *_texts(tables, arguments)]))


def _fold(
    selection: Selection, runs: pd.DataFrame, by: Sequence[str], metric: str, arguments: argparse.Namespace
) -> pd.DataFrame:
    default = (f"validation/{success_metric(metric).partition('/')[2]}", arguments.success)
    name, bound = (selection.metric(arguments.first[0]), arguments.first[1]) if arguments.first else default
    steps = first_steps(selection.experiments, name, bound)
    keys = by if all(entry in runs for entry in by) else [runs.columns[0]]
    return fold(runs, keys, metric, success=arguments.success, first_steps=steps)


def _texts(tables: dict[str, pd.DataFrame], arguments: argparse.Namespace) -> Iterator[str]:
    for metric, summary in tables.items():
        lines = format_summary(summary, metric, arguments.success, arguments.first)
        few = f"\n(fewer than {ENOUGH_RUNS} runs have no interval)" if summary["runs"].min() < ENOUGH_RUNS else ""
        better = {"lower": " (less is better)", "higher": " (more is better)"}.get(direction(metric) or "", "")
        yield f"{in_words(metric)}{better}\n{format_frame(lines, width=terminal_width())}{few}"


def format_summary(
    summary: pd.DataFrame, metric: str, success: float, first: tuple[str, float] | None = None
) -> pd.DataFrame:
    """Write a summary (analysis.comparison.folding) as text, one column for each figure and its interval."""
    rows = {
        key: {
            "runs": f"{row['runs']:.0f}",
            "validation": _figure(row["validation"]),
            "median (95 %)": f"{row['median']:.4g}{_interval(row['low'], row['high'])}",
            "mean": _figure(row["mean"]),
            "sd": _figure(row["sd"], 2),
            "worst": _figure(row["worst"]),
            "exact": f"{row['exact']:.3f}",
            f"success from {success:g}": _successes(row),
            _first_heading(first, success): _steps(row),
            "CPU (s)": _figure(row["cpu_seconds"], 3),
        }
        for key, row in summary.iterrows()
    }
    shown = pd.DataFrame.from_dict(rows, orient="index").rename_axis(summary.index.names)
    shown = shown.drop(columns="exact") if success_metric(metric) == metric else shown
    return shown if summary["successes"].notna().any() else shown.drop(columns=f"success from {success:g}")


def _successes(row: pd.Series) -> str:
    if np.isnan(row["successes"]):
        return ""
    return f"{row['successes']:.0f} of {row['runs']:.0f} ({row['success_low']:.2f} to {row['success_high']:.2f})"


def _first_heading(first: tuple[str, float] | None, success: float) -> str:
    if first is None:
        return f"first step from {success:g}"
    return f"first step {first[0]}{'<=' if is_lower_better(first[0]) else '>='}{first[1]:g}"


def _steps(row: pd.Series) -> str:
    if not row["reached"]:
        return "never"
    return (
        f"{row['first_step']:.0f}{f' ({row.reached:.0f} of {row.runs:.0f})' if row['reached'] < row['runs'] else ''}"
    )


def _interval(low: float, high: float) -> str:
    """Write an interval in brackets; nothing if there is none."""
    return "" if np.isnan(low) else f" ({low:.4g} to {high:.4g})"


def _figure(value: float, digits: int = 4) -> str:
    return "" if np.isnan(value) else f"{value:.{digits}g}"


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to 1")
    return share


def _bound(text: str) -> tuple[str, float]:
    """Read a metric and its bound; the direction has to be the one in which the metric is better."""
    found = _BOUND.fullmatch(text)
    try:
        name, operator, bound = found.groups() if found else ("", "", "")
        value = float(bound)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not METRIC>=BOUND or METRIC<=BOUND") from None
    if (operator == "<=") != is_lower_better(name):
        wanted = "<=" if is_lower_better(name) else ">="
        raise argparse.ArgumentTypeError(f"{name} is better the other way: {name}{wanted}{bound}")
    return name.strip(), value
