"""Draws the figures of a report with plotly."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from matplotlib import pyplot
from matplotlib.colors import to_hex
from plotly.io import to_html

from analysis.measures import in_words, is_lower_better
from analysis.plots import STYLE, curve_spread, line_styles
from analysis.values import as_numbers

_TICKS = (0, 1, *(10.0**power for power in range(1, 13)))  # of errors
_SCALE = "Viridis"
_CONFIG = {"displayModeBar": False}
_DASHES = {"-": "solid", "--": "dash"}
_HEIGHT = 380  # pixels
_LAYOUT: Mapping[str, Any] = {
    "template": "plotly_white",
    "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
    "height": _HEIGHT,
    "font": {"size": 13},
}


def learning_curves(groups: Mapping[str, Sequence[Any]], metric: str) -> go.Figure:
    """Draw the median of a metric over the steps for each group, with a band from the lowest to the highest run."""
    figure = go.Figure(layout={**_LAYOUT, "xaxis_title": "step", "yaxis_title": in_words(metric)})
    scale = np.arcsinh if is_lower_better(metric) else np.asarray  # errors fall from hundreds to 0
    for (name, experiments), style in zip(groups.items(), line_styles(len(groups)), strict=True):
        color = _hex(style.color)
        spread = curve_spread(experiments, metric)
        steps = [*spread.index, *spread.index[::-1]]
        edges = [*scale(spread["high"]), *scale(spread["low"][::-1])]
        band = {"x": steps, "y": edges, "fill": "toself", "fillcolor": _faded(color)}
        figure.add_scatter(
            **band, mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False, legendgroup=name
        )
        figure.add_scatter(
            x=list(spread.index),
            y=scale(spread["median"]).tolist(),
            customdata=spread["median"].tolist(),
            hovertemplate="step %{x}: %{customdata:.4g}",
            name=name,
            legendgroup=name,
            mode="lines",
            line={"color": color, "width": 2, "dash": _DASHES[style.dash]},
        )
    if is_lower_better(metric):
        figure.update_yaxes(tickvals=np.arcsinh(_TICKS), ticktext=[f"{tick:g}" for tick in _TICKS])
    return figure


def parallel_coordinates(runs: pd.DataFrame, entries: Sequence[str], metrics: Sequence[str]) -> go.Figure:
    """Draw a line for each run through its config entries and metrics, coloured by the last metric."""
    dimensions = [_dimension(runs[name]) for name in (*entries, *metrics)]
    line = {
        "color": runs[metrics[-1]].tolist(),
        "colorscale": _SCALE,
        "reversescale": is_lower_better(metrics[-1]),
        "showscale": True,
    }
    figure = go.Figure(go.Parcoords(line=line, dimensions=dimensions), layout=_LAYOUT)
    return figure.update_layout(margin={"l": 90, "r": 60, "t": 60, "b": 40})


def importances(shares: pd.Series) -> go.Figure:
    """Draw a bar for the importance of each entry, the seed in grey."""
    shares = shares[::-1]
    colors = ["#999999" if name == "seed" else _hex("C0") for name in shares.index]
    bars = go.Bar(x=shares.tolist(), y=shares.index.tolist(), orientation="h", marker_color=colors)
    layout = {
        **_LAYOUT,
        "height": 90 + 34 * len(shares),
        "xaxis_title": "error added by permuting it, relative to the variance",
    }
    return go.Figure(bars, layout=layout).update_layout(margin={"l": 140})


def as_html(figure: go.Figure, name: str) -> str:
    """Return a figure as a part of a page that has plotly.js; the name identifies it there."""
    text: str = to_html(
        figure, full_html=False, include_plotlyjs=False, include_mathjax=False, div_id=name, config=_CONFIG
    )
    return text


def _dimension(values: pd.Series) -> dict[str, Any]:
    """Return an axis: numbers, or the place of each word with the words as ticks."""
    numbers, words = as_numbers(values)
    label = in_words(str(values.name))
    if words is not None:
        return {"label": label, "values": numbers.tolist(), "tickvals": list(range(len(words))), "ticktext": words}
    ticks = sorted(set(numbers)) if numbers.nunique() <= 8 else None
    rounded = [float(f"{number:.4g}") for number in numbers]
    return {"label": label, "values": rounded, **({"tickvals": ticks} if ticks else {})}


def _hex(color: str) -> str:
    with pyplot.style.context(STYLE):
        return str(to_hex(color))


def _faded(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"
