"""Draws learning curves and results of recorded runs on matplotlib axes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.measures import in_words
from analysis.sources.metrics import last_values
from analysis.values import as_numbers

STYLE = "analysis.zahlwort"
"""The file zahlwort.mplstyle: colours, font and resolution of every picture."""

_COLORS = 6  # of the style, which the colour-blind can tell apart
_FAINT = 0.18  # opacity of a band
_FEW = 4  # groups, of which the legend fits among the curves
_LEGEND_COLUMNS = 3
_PANELS = 2  # of a figure that has one legend


@dataclass(frozen=True)
class LineStyle:
    """How a group is drawn.

    Attributes:
        color: of line, band and dots.
        dash: of the line, `-` or `--`.
    """

    color: str
    dash: str = "-"


def line_styles(count: int) -> list[LineStyle]:
    """Return styles for up to twelve groups: six colours, and then the same with dashed lines."""
    return [LineStyle(f"C{place % _COLORS}", "-" if place < _COLORS else "--") for place in range(count)]


def draw_learning_curves(
    axes: Axes,
    experiments: Iterable[Any],
    metric: str,
    label: str = "median of {count} runs",
    style: LineStyle = LineStyle("C0"),
) -> None:
    """Draw the median of a metric over the steps, and a band from the lowest to the highest run.

    Median and band end where less than half of the runs still train.

    Args:
        axes: to draw on.
        experiments: incense's, see load_runs.
        metric: such as `validation/accuracy`.
        label: of the median; {count} stands for the number of runs.
        style: of line and band.
    """
    spread = curve_spread(experiments, metric)
    if spread.empty:
        return
    axes.fill_between(spread.index, spread["low"], spread["high"], color=style.color, alpha=_FAINT, linewidth=0)
    text = label.format(count=int(spread["runs"].max()))
    axes.plot(spread.index, spread["median"], style.dash, color=style.color, linewidth=2, label=text)
    axes.set(xlabel="step", ylabel=in_words(metric))


def add_legend(axes: Axes) -> None:
    """Add a legend: among the curves if they are few, else below all panels."""
    handles, labels = axes.get_legend_handles_labels()
    if labels and (len(labels) <= _FEW or len(axes.figure.axes) > _PANELS):
        axes.legend(frameon=False, fontsize="small" if len(labels) > _FEW else None)
    elif labels:
        axes.figure.legend(handles, labels, loc="outside lower center", ncols=_LEGEND_COLUMNS, frameon=False)


def legend_height(groups: int) -> float:
    """Return the height that a legend takes below the panels, in inches."""
    return 0.2 * -(-groups // _LEGEND_COLUMNS) if groups > _FEW else 0.0


def curve_spread(experiments: Iterable[Any], metric: str) -> pd.DataFrame:
    """Return median, lowest and highest value of a metric over runs, while at least half of them train.

    Returns:
        One row for each step, with the columns `median`, `low`, `high` and `runs`; none if no run has the metric.
    """
    curves = [experiment.metrics[metric] for experiment in experiments if metric in experiment.metrics]
    curves = [pd.to_numeric(curve[~curve.index.duplicated(keep="last")], errors="coerce") for curve in curves]
    if not curves:
        return pd.DataFrame(columns=["median", "low", "high", "runs"])
    together = pd.concat(curves, axis=1).sort_index()
    kept = together[together.notna().sum(axis=1) * 2 >= len(curves)]
    kept = kept.astype(float)
    return pd.DataFrame(
        {
            "median": kept.median(axis=1),
            "low": kept.min(axis=1),
            "high": kept.max(axis=1),
            "runs": kept.notna().sum(axis=1),
        }
    )


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
    everything = [last_values(experiment.metrics) for experiment in experiments]
    for place, metric in enumerate(metrics):
        values = [last[metric] for last in everything if metric in last]
        middle = place + shift
        spread = [middle + 0.3 * width * (run / max(len(values) - 1, 1) - 0.5) for run in range(len(values))]
        axes.plot(spread, values, "o", color=color, alpha=0.6, markersize=4)
        median = pd.Series(values, dtype=float).median()
        axes.hlines(median, middle - 0.25 * width, middle + 0.25 * width, color="black", linewidth=1.5)
    axes.set_xticks(range(len(metrics)), [metric.replace("/", "\n").replace("_", " ") for metric in metrics])
    axes.margins(x=0.3)


def draw_spread(
    axes: Axes, runs: pd.DataFrame, x: str, y: str, label: str | None = None, color: str | None = None
) -> None:
    """Draw a result against a config entry: a dot for each run, a line through the medians, a band for the range.

    Numbers that grow by factors stand on a logarithmic axis; words stand side by side, without a line.

    Args:
        axes: to draw on.
        runs: a table, see analysis.tables.
        x: the config entry.
        y: the result, or a metric.
        label: of the line, or of the dots.
        color: of all; None takes the next one of the style.
    """
    runs = runs[runs[y].notna()]
    axes.set(xlabel=x, ylabel=in_words(y))
    if runs.empty:
        return
    places, words = as_numbers(runs[x])
    is_numeric = words is None
    spread = runs.groupby(places)[y].agg(["min", "median", "max"])
    line_style = "-" if is_numeric else "none"
    [line] = axes.plot(
        spread.index, spread["median"], linestyle=line_style, marker="_", markersize=14, linewidth=2, color=color
    )
    axes.fill_between(
        spread.index, spread["min"], spread["max"], color=line.get_color(), alpha=0.15 * is_numeric, linewidth=0
    )
    axes.plot(places, runs[y], "o", color=line.get_color(), alpha=0.6, markersize=4, label=label)
    if is_numeric and places.min() > 0 and places.max() >= 4 * places.min():
        axes.set_xscale("log", base=2)
    axes.set_xticks(
        spread.index,
        [f"{place:g}" for place in spread.index] if words is None else [word.replace("$", r"\$") for word in words],
    )
    axes.minorticks_off()
