"""The command plot: learning curves, and results against config entries, as a picture."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from analysis.commands.groups import add_grouping, grouped_by
from analysis.commands.output import named, write
from analysis.commands.selection import Selection, add_command, add_sources, file_to_write, names, select
from analysis.measures import is_lower_better, result_metrics
from analysis.plots import (
    STYLE,
    add_legend,
    draw_learning_curves,
    draw_outcomes,
    draw_spread,
    legend_height,
    line_styles,
)
from analysis.values import order, value_as_given
from observers.system.files import atomic_write
from observers.system.stderr import visible

_MOST = 12  # groups that a picture can show
_ENDINGS = (".png", ".svg", ".pdf")
_UNDATED = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}  # the same runs give the same bytes


def add_commands(commands: Any) -> None:
    """Add the command to a parser."""
    parser = add_command(
        commands,
        "plot",
        "a picture of learning curves (median over seeds, band from the lowest to the highest run) and of results; "
        "each group has its colour, and each task a row",
        _plot,
    )
    add_sources(parser)
    parser.add_argument("-o", dest="picture", metavar="FILE", required=True, help=f"to write: {', '.join(_ENDINGS)}")
    parser.add_argument("--metric", help="draw this metric over the steps (default: the validation of the result)")
    parser.add_argument(
        "--against",
        metavar="ENTRY[,ENTRY]",
        type=names,
        help="draw results against a config entry, a line for each value of the second",
    )
    add_grouping(parser)


def _plot(arguments: argparse.Namespace) -> None:
    path = file_to_write(arguments.picture, _ENDINGS)
    selection = select(arguments.sources, arguments.where)
    mpl.use("Agg")
    with pyplot.style.context(STYLE):
        if arguments.against:
            figure, drawn = _draw_against(selection, arguments)
        elif arguments.metric:
            figure, drawn = _draw_metric(selection, arguments)
        else:
            figure, drawn = _draw_results(selection, arguments)
        _write(figure, path)
    left_out = f"; {len(selection.runs) - drawn} without these metrics left out" if drawn < len(selection.runs) else ""
    write(f"{named(drawn, 'run')} drawn in {path}{left_out}")


def _draw_results(selection: Selection, arguments: argparse.Namespace) -> tuple[Figure, int]:
    """Draw validation curves and results, a row for each measure."""
    metrics = result_metrics(selection.runs)
    rows = {metric: _group(selection, selection.runs[metric].notna(), arguments) for metric in metrics}
    if not rows:
        raise ValueError(f"there are no runs with a test result in {selection.source}")
    height = 3 * len(rows) + legend_height(max(map(len, rows.values())))
    figure, panels = pyplot.subplots(
        len(rows), 2, figsize=(8, height), width_ratios=(2, 1), layout="constrained", squeeze=False
    )
    for (left, right), (metric, groups) in zip(panels, rows.items(), strict=True):
        measure = metric.partition("/")[2]
        results = [name for name in (metric, f"extrapolation/{measure}") if name in selection.runs]
        styles = line_styles(len(groups))
        for place, ((name, runs), style) in enumerate(zip(groups.items(), styles, strict=True)):
            draw_learning_curves(left, runs, f"validation/{measure}", _label(name), style)
            shift = 0.8 * ((place + 0.5) / len(groups) - 0.5)
            draw_outcomes(right, runs, results, style.color if len(groups) > 1 else "C1", shift, 1 / len(groups))
        add_legend(left)
        if measure == "accuracy":
            right.set_ylim(min(0.5, right.get_ylim()[0]), 1.02)
        else:
            left.set_yscale("symlog")  # from hundreds to 0
    return figure, sum(len(runs) for groups in rows.values() for runs in groups.values())


def _draw_metric(selection: Selection, arguments: argparse.Namespace) -> tuple[Figure, int]:
    """Draw one metric over the steps."""
    metric = selection.metric(arguments.metric)
    has_metric = pd.Series([metric in each.metrics for each in selection.experiments], index=selection.runs.index)
    if not has_metric.any():
        raise ValueError(f"{metric} is no metric of a run in {selection.source}")
    groups = _group(selection, has_metric, arguments)
    figure, axes = pyplot.subplots(figsize=(8, 3.5 + legend_height(len(groups))), layout="constrained")
    for (name, runs), style in zip(groups.items(), line_styles(len(groups)), strict=True):
        draw_learning_curves(axes, runs, metric, _label(name), style)
    add_legend(axes)
    return figure, int(has_metric.sum())


def _draw_against(selection: Selection, arguments: argparse.Namespace) -> tuple[Figure, int]:
    """Draw results against a config entry, a panel for each metric."""
    selection.check_entries(arguments.against)
    if len(arguments.against) > 2:
        raise ValueError(f"--against {','.join(arguments.against)} names more than two entries")
    x, *second = arguments.against
    metrics = [selection.metric(arguments.metric)] if arguments.metric else result_metrics(selection.runs)
    if not metrics:
        raise ValueError(f"there are no runs with a test result in {selection.source}")
    figure, panels = pyplot.subplots(
        1, len(metrics), figsize=(max(5, 4 * len(metrics)), 3.5), layout="constrained", squeeze=False
    )
    drawn = 0
    for axes, metric in zip(panels[0], metrics, strict=True):
        measured = selection.runs[selection.runs[metric].notna() & selection.runs[x].notna()]
        by = grouped_by(selection, measured, second, [x, *arguments.over])
        groups = _split(measured, by)
        for (name, runs), style in zip(groups.items(), line_styles(len(groups)), strict=True):
            draw_spread(axes, runs, x, metric, name or None, style.color)
        if len(groups) > 1:
            add_legend(axes)
        if is_lower_better(metric):
            axes.set_yscale("symlog")
        drawn += len(measured)
    return figure, drawn


def _group(selection: Selection, chosen: pd.Series, arguments: argparse.Namespace) -> dict[str, list[Any]]:
    """Group the chosen runs by whatever differs and is no seed."""
    runs = selection.runs[chosen]
    by = grouped_by(selection, runs, arguments.by, arguments.over)
    experiments = {each.id: each for each in selection.experiments}
    return {name: [experiments[run] for run in group.index] for name, group in _split(runs, by).items()}


def _split(runs: pd.DataFrame, by: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Split a table by entries, the groups named by their values.

    Raises:
        ValueError: there are more groups than a picture can show.
    """
    if not by:
        return {"": runs}
    shown = runs[list(by)].map(value_as_given)
    ordered = shown.drop_duplicates().sort_values(list(by), key=lambda column: column.map(order))
    if len(ordered) > _MOST:
        raise ValueError(
            f"the runs differ in {', '.join(by)}: {len(ordered)} groups, and a picture holds {_MOST};"
            " --where chooses runs, --over folds entries"
        )
    return {
        visible(", ".join(f"{name}={value}" for name, value in row.items())): runs[(shown == row).all(axis=1)]
        for _, row in ordered.astype(object).iterrows()  # a row of floats would make 8.0 of 8
    }


def _label(name: str) -> str:
    named = name.replace("{", "(").replace("}", ")").replace("$", r"\$")
    return f"{named} ({{count}} runs)" if named else "median of {count} runs"


def _write(figure: Figure, path: Path) -> None:
    with atomic_write(path) as file:
        figure.savefig(file, format=path.suffix[1:], metadata=_UNDATED.get(path.suffix))
    pyplot.close(figure)
