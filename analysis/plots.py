"""Draws runs: how they learned, and what came out of them.

`python -m analysis.plots RUNS PICTURE` draws both for a directory of runs, and writes the picture.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes

from analysis.runs import load_runs

_QUIET: Any = {"axes.spines.top": False, "axes.spines.right": False, "font.size": 9, "savefig.dpi": 150}


def draw_learning_curves(
    axes: Axes, experiments: Iterable[Any], metric: str, label: str = "median of {count} runs", color: str = "tab:blue"
) -> None:
    """Draw a metric over the steps: a thin line a run, and their median, as long as at least half of them train.

    Args:
        axes: to draw on.
        experiments: incense's, from a directory or from MongoDB.
        metric: such as `validation/accuracy`.
        label: of the median, {count} stands for the number of runs.
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


def draw_outcomes(axes: Axes, experiments: Sequence[Any], metrics: Sequence[str]) -> None:
    """Draw the last value of each metric: a dot a run, and a bar for the median."""
    for place, metric in enumerate(metrics):
        values = [experiment.metrics[metric].iloc[-1] for experiment in experiments if metric in experiment.metrics]
        spread = [place + 0.3 * (run / max(len(values) - 1, 1) - 0.5) for run in range(len(values))]
        axes.plot(spread, values, "o", color="tab:orange", alpha=0.6, markersize=4)
        axes.hlines(pd.Series(values, dtype=float).median(), place - 0.25, place + 0.25, color="black", linewidth=1.5)
    axes.set_xticks(range(len(metrics)), [metric.replace("/", "\n").replace("_", " ") for metric in metrics])
    axes.margins(x=0.3)


def draw_spread(axes: Axes, runs: pd.DataFrame, x: str, y: str, label: str | None = None) -> None:
    """Draw a result against a config entry: a dot a run, a line through the medians, a band from least to most.

    Args:
        axes: to draw on.
        runs: of analysis.runs.table.
        x: the config entry, its values as far apart as their logarithms.
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
    """Write the picture of the parity runs in a directory."""
    if len(sys.argv) != 3:
        sys.exit("python -m analysis.plots RUNS PICTURE, such as runs runs.png")
    try:
        experiments = [run for run in load_runs(Path(sys.argv[1])) if "test/accuracy" in run.metrics]
    except FileNotFoundError as error:
        sys.exit(str(error))
    if not experiments:
        sys.exit(f"{sys.argv[1]} holds no parity run that has come to its test")
    mpl.use("Agg")
    with mpl.rc_context(_QUIET):
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3), width_ratios=(2, 1), layout="constrained")
        draw_learning_curves(left, experiments, "validation/accuracy")
        draw_outcomes(right, experiments, ["test/accuracy", "extrapolation/accuracy"])
        right.set_ylim(min(0.5, right.get_ylim()[0]), 1.02)
        try:
            figure.savefig(sys.argv[2])
        except (OSError, ValueError) as error:
            sys.exit(f"{sys.argv[2]} cannot be written: {error}")
    print(f"{len(experiments)} runs drawn in {sys.argv[2]}")


if __name__ == "__main__":
    main()
