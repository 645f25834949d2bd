"""Draws learning curves and results of recorded runs: python -m analysis.plots RUNS PICTURE."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes

from analysis.loading import load_runs

STYLE = "analysis.zahlwort"
"""The file zahlwort.mplstyle: colours, font and resolution of every picture."""


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


def draw_outcomes(axes: Axes, experiments: Sequence[Any], metrics: Sequence[str], color: str = "C1") -> None:
    """Draw the last value of each metric: a dot for each run, and a bar for the median."""
    for place, metric in enumerate(metrics):
        values = [experiment.metrics[metric].iloc[-1] for experiment in experiments if metric in experiment.metrics]
        spread = [place + 0.3 * (run / max(len(values) - 1, 1) - 0.5) for run in range(len(values))]
        axes.plot(spread, values, "o", color=color, alpha=0.6, markersize=4)
        axes.hlines(pd.Series(values, dtype=float).median(), place - 0.25, place + 0.25, color="black", linewidth=1.5)
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
    """Draw the parity runs in a directory or a database, and write the picture."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.plots", description="Draw the learning curves and the test results of parity runs."
    )
    parser.add_argument("runs", metavar="RUNS", help="a directory, or a database: mongodb://HOST/NAME")
    parser.add_argument("picture", metavar="PICTURE", help="the file to write, such as runs.png")
    arguments = parser.parse_args()
    try:
        experiments = [run for run in load_runs(arguments.runs) if "test/accuracy" in run.metrics]
    except (FileNotFoundError, ConnectionError, ValueError) as error:
        sys.exit(str(error))
    if not experiments:
        source = arguments.runs if "://" not in arguments.runs else "the database"
        sys.exit(f"there are no parity runs with a test result in {source}")
    mpl.use("Agg")
    try:
        _write_picture(experiments, arguments.picture)
    except (OSError, ValueError) as error:
        sys.exit(f"{arguments.picture} cannot be written: {error}")
    print(f"{len(experiments)} runs drawn in {arguments.picture}")


def _write_picture(experiments: Sequence[Any], path: str) -> None:
    with pyplot.style.context(STYLE):
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3), width_ratios=(2, 1), layout="constrained")
        draw_learning_curves(left, experiments, "validation/accuracy")
        draw_outcomes(right, experiments, ["test/accuracy", "extrapolation/accuracy"])
        right.set_ylim(min(0.5, right.get_ylim()[0]), 1.02)
        figure.savefig(path)
        pyplot.close(figure)


if __name__ == "__main__":
    main()
