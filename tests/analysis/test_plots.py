from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib import colors, pyplot
from matplotlib.figure import Figure

from analysis.plots import (
    STYLE,
    add_legend,
    curve_spread,
    draw_learning_curves,
    draw_outcomes,
    draw_spread,
    legend_height,
    line_styles,
)


@dataclass
class Run:
    """What the plots use of an incense experiment."""

    metrics: dict[str, pd.Series]


RUNS = [
    Run({"validation/accuracy": pd.Series([0.5, 0.7, 0.9], index=[0, 10, 20]), "test/accuracy": pd.Series([0.8])}),
    Run({"validation/accuracy": pd.Series([0.5, 0.9], index=[0, 10]), "test/accuracy": pd.Series([0.9])}),
    Run({"validation/accuracy": pd.Series([0.2, 0.8], index=[0, 10]), "test/accuracy": pd.Series([0.7])}),
]


def test_the_band_of_a_curve_holds_all_runs_and_ends_with_most_of_them():
    axes = Figure().subplots()
    draw_learning_curves(axes, RUNS, "validation/accuracy")

    [median], [band] = axes.get_lines(), axes.collections
    assert np.asarray(median.get_xdata()).tolist() == [0, 10]
    assert np.asarray(median.get_ydata()).tolist() == [0.5, 0.8]
    assert band.get_datalim(axes.transData).get_points().tolist() == [[0, 0.2], [10, 0.9]]
    assert axes.get_ylabel() == "validation accuracy"


def test_a_metric_that_no_run_has_draws_nothing():
    axes = Figure().subplots()
    draw_learning_curves(axes, RUNS, "validation/error")

    assert not axes.get_lines()
    assert curve_spread(RUNS, "validation/error").empty


def test_twelve_groups_can_be_told_apart():
    styles = line_styles(12)

    assert len(set(styles)) == 12
    assert {style.color for style in styles} == {f"C{place}" for place in range(6)}


def test_a_legend_of_many_groups_stands_below_the_panels():
    for groups, place in ((2, "axes"), (5, "figure")):
        figure = Figure(layout="constrained")
        axes = figure.subplots()
        for group in range(groups):
            axes.plot([0, 1], [0, group], label=f"hidden={group}")
        add_legend(axes)

        assert bool(figure.legends) == (place == "figure")
        assert (axes.get_legend() is None) == (place == "figure")
        assert (legend_height(groups) > 0) == (place == "figure")


def test_words_of_a_spread_stand_side_by_side_without_a_line():
    axes = Figure().subplots()
    draw_spread(axes, pd.DataFrame({"head": ["nalu", "nac", "nalu"], "result": [1.0, 3.0, 2.0]}), "head", "result")

    medians, dots = axes.get_lines()
    assert medians.get_linestyle() == "None"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["nac", "nalu"]
    assert np.asarray(dots.get_xdata()).tolist() == [1, 0, 1]


def test_each_run_with_an_outcome_has_a_dot():
    axes = Figure().subplots()
    draw_outcomes(axes, RUNS, ["test/accuracy", "extrapolation/accuracy"])

    dots = [np.asarray(line.get_ydata()).tolist() for line in axes.get_lines()]
    assert dots == [[0.8, 0.9, 0.7], []]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["test\naccuracy", "extrapolation\naccuracy"]


def test_a_spread_has_the_median_and_every_run():
    axes = Figure().subplots()
    draw_spread(
        axes, pd.DataFrame({"hidden": [4, 4, 8, 8, 8], "result": [1.0, 3.0, 2.0, 7.0, 5.0]}), "hidden", "result"
    )

    median, dots = axes.get_lines()
    assert np.asarray(median.get_ydata()).tolist() == [2.0, 5.0]
    assert np.asarray(dots.get_ydata()).tolist() == [1.0, 3.0, 2.0, 7.0, 5.0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["4", "8"]


def test_the_colour_of_a_curve_is_the_first_of_the_style():
    with pyplot.style.context(STYLE):
        first = pyplot.rcParams["axes.prop_cycle"].by_key()["color"][0]
        axes = Figure().subplots()
        draw_learning_curves(axes, RUNS, "validation/accuracy")
        drawn = {colors.to_hex(line.get_color()) for line in axes.get_lines()}

    assert drawn == {first.lower()} == {"#0072b2"}
