"""Draws learning curves and results of recorded runs: python -m analysis.plots RUNS PICTURE."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes

from analysis.source import add_source, describe, load_or_exit
from analysis.tables import config_entries, differing_within, table

STYLE = "analysis.zahlwort"
"""The file zahlwort.mplstyle: colours, font and resolution of every picture."""

_MEASURES = ("accuracy", "mean_absolute_error")
_MOST = 6  # groups in a picture, one for each colour of the style


def draw_learning_curves(
    axes: Axes, experiments: Iterable[Any], metric: str, label: str = "median of {count} runs", color: str = "C0"
) -> None:
    """Draw a metric over the steps: a thin line for each run, and their median while at least half of them train.

    Args:
        axes: to draw on.
        experiments: incense's, see load_runs.
        metric: such as `validation/accuracy`.
        label: of the median; {count} stands for the number of runs.
        color: of all lines.
    """
    curves = [experiment.metrics[metric] for experiment in experiments if metric in experiment.metrics]
    for curve in curves:
        axes.plot(curve.index, curve.to_numpy(), color=color, alpha=0.3, linewidth=0.8)
    together = pd.concat(curves, axis=1).sort_index()
    median = together[together.notna().sum(axis=1) * 2 >= len(curves)].median(axis=1)
    axes.plot(median.index, median.to_numpy(), color=color, linewidth=2, label=label.format(count=len(curves)))
    axes.set(xlabel="step", ylabel=metric.replace("/", " ").replace("_", " "))
    axes.legend(frameon=False)


def draw_outcomes(
    axes: Axes,
    experiments: Sequence[Any],
    metrics: Sequence[str],
    color: str = "C1",
    shift: float = 0,
    width: float = 1,
) -> None:
    """Draw the last value of each metric: a dot for each run, and a bar for the median.

    Args:
        axes: to draw on.
        experiments: incense's, see load_runs.
        metrics: one place on the axis for each.
        color: of the dots.
        shift: of the dots beside their place, for several groups.
        width: of the dots of a place.
    """
    for place, metric in enumerate(metrics):
        values = [experiment.metrics[metric].iloc[-1] for experiment in experiments if metric in experiment.metrics]
        middle = place + shift
        spread = [middle + 0.3 * width * (run / max(len(values) - 1, 1) - 0.5) for run in range(len(values))]
        axes.plot(spread, values, "o", color=color, alpha=0.6, markersize=4)
        median = pd.Series(values, dtype=float).median()
        axes.hlines(median, middle - 0.25 * width, middle + 0.25 * width, color="black", linewidth=1.5)
    axes.set_xticks(range(len(metrics)), [metric.replace("/", "\n").replace("_", " ") for metric in metrics])
    axes.margins(x=0.3)


def draw_spread(axes: Axes, runs: pd.DataFrame, x: str, y: str, label: str | None = None) -> None:
    """Draw a result against a config entry: a dot for each run, a line through the medians, a band for the range.

    Args:
        axes: to draw on.
        runs: a table, see analysis.tables.
        x: the config entry, on a logarithmic axis.
        y: the result, or a metric.
        label: of the line.
    """
    spread = runs.groupby(x)[y].agg(["min", "median", "max"])
    [line] = axes.plot(spread.index, spread["median"], linewidth=2, label=label)
    axes.fill_between(spread.index, spread["min"], spread["max"], color=line.get_color(), alpha=0.15, linewidth=0)
    axes.plot(runs[x], runs[y], "o", color=line.get_color(), alpha=0.6, markersize=4)
    axes.set_xscale("log", base=2)
    axes.set_xticks(spread.index, [str(value) for value in spread.index])
    axes.set(xlabel=x, ylabel=y.replace("/", " ").replace("_", " "))


def main() -> None:
    """Draw the runs in a directory or a database, and write the picture."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.plots",
        description="Draw learning curves and test results. Runs that differ in more than their seeds have colours of "
        "their own, and each task has a row.",
    )
    add_source(parser)
    parser.add_argument("picture", metavar="PICTURE", help="the file to write, such as runs.png")
    arguments = parser.parse_args()
    experiments = load_or_exit(arguments.runs)
    try:
        rows = {measure: _group(experiments, measure) for measure in _MEASURES}
    except ValueError as error:
        sys.exit(str(error))
    rows = {measure: groups for measure, groups in rows.items() if groups}
    if not rows:
        sys.exit(f"there are no runs with a test result in {describe(arguments.runs)}")
    mpl.use("Agg")
    try:
        _write_picture(rows, arguments.picture)
    except (OSError, ValueError) as error:
        sys.exit(f"{arguments.picture} cannot be written: {error}")
    drawn = sum(len(group) for groups in rows.values() for group in groups.values())
    left_out = f"; {len(experiments) - drawn} without a test result left out" if drawn < len(experiments) else ""
    print(f"{drawn} runs drawn in {arguments.picture}{left_out}")


def _group(experiments: Iterable[Any], measure: str) -> dict[str, list[Any]]:
    """Group the runs that were tested with a measure by whatever differs and is no seed.

    Raises:
        ValueError: if there are more groups than colours.
    """
    measured = {run.id: run for run in experiments if f"test/{measure}" in run.metrics}
    if not measured:
        return {}
    runs = table(measured.values())
    by = differing_within(runs, config_entries(measured.values()), [])
    names = runs[by].map(str).apply(lambda row: ", ".join(f"{name}={value}" for name, value in row.items()), axis=1)
    groups = {name: [measured[run] for run in names.index[names == name]] for name in names.unique()} if by else {}
    if len(groups) > _MOST:
        raise ValueError(f"the runs differ in {', '.join(by)}: {len(groups)} groups, and a picture holds {_MOST}")
    return groups or {"": list(measured.values())}


def _write_picture(rows: Mapping[str, Mapping[str, Sequence[Any]]], path: str) -> None:
    with pyplot.style.context(STYLE):
        figure, panels = pyplot.subplots(
            len(rows), 2, figsize=(8, 3 * len(rows)), width_ratios=(2, 1), layout="constrained", squeeze=False
        )
        for (left, right), (measure, groups) in zip(panels, rows.items(), strict=True):
            for place, (name, runs) in enumerate(groups.items()):
                named = f"{name.replace('{', '(').replace('}', ')')}: " if name else ""
                label = f"{named}median of {{count}} runs"
                draw_learning_curves(left, runs, f"validation/{measure}", label, color=f"C{place}")
                draw_outcomes(
                    right,
                    runs,
                    [f"test/{measure}", f"extrapolation/{measure}"],
                    color=f"C{place if len(groups) > 1 else 1}",
                    shift=0.8 * ((place + 0.5) / len(groups) - 0.5),
                    width=1 / len(groups),
                )
            if measure == "accuracy":
                right.set_ylim(min(0.5, right.get_ylim()[0]), 1.02)
            else:
                left.set_yscale("symlog")  # from hundreds to 0
        figure.savefig(path)
        pyplot.close(figure)


if __name__ == "__main__":
    main()
