from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analysis.plots import draw_learning_curves, draw_outcomes, main


@dataclass
class Run:
    """What the plots ask of an incense experiment."""

    metrics: dict[str, pd.Series]


RUNS = [
    Run({"validation/accuracy": pd.Series([0.5, 0.7, 0.9], index=[0, 10, 20]), "test/accuracy": pd.Series([0.8])}),
    Run({"validation/accuracy": pd.Series([0.5, 0.9], index=[0, 10]), "test/accuracy": pd.Series([0.9])}),
    Run({"validation/accuracy": pd.Series([0.2, 0.8], index=[0, 10]), "test/accuracy": pd.Series([0.7])}),
]


def test_each_run_has_a_curve_and_the_median_ends_where_most_runs_have_ended():
    axes = Figure().subplots()
    draw_learning_curves(axes, RUNS, "validation/accuracy")

    *curves, median = axes.get_lines()
    assert [np.asarray(curve.get_xdata()).tolist() for curve in curves] == [[0, 10, 20], [0, 10], [0, 10]]
    assert np.asarray(median.get_xdata()).tolist() == [0, 10]
    assert np.asarray(median.get_ydata()).tolist() == [0.5, 0.8]
    assert axes.get_ylabel() == "validation accuracy"


def test_outcomes_have_a_dot_for_each_run_that_has_one():
    axes = Figure().subplots()
    draw_outcomes(axes, RUNS, ["test/accuracy", "extrapolation/accuracy"])

    dots = [np.asarray(line.get_ydata()).tolist() for line in axes.get_lines()]
    assert dots == [[0.8, 0.9, 0.7], []]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["test\naccuracy", "extrapolation\naccuracy"]


def test_where_there_is_nothing_to_draw_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["plots", str(tmp_path), "picture.png"])

    with pytest.raises(SystemExit, match="holds no parity run"):
        main()
