import functools
import json
import shutil
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from matplotlib import colors, pyplot
from matplotlib.figure import Figure

from analysis.plots import STYLE, draw_learning_curves, draw_outcomes, draw_spread, main


@dataclass
class Run:
    """What the plots use of an incense experiment."""

    metrics: dict[str, pd.Series]


RUNS = [
    Run({"validation/accuracy": pd.Series([0.5, 0.7, 0.9], index=[0, 10, 20]), "test/accuracy": pd.Series([0.8])}),
    Run({"validation/accuracy": pd.Series([0.5, 0.9], index=[0, 10]), "test/accuracy": pd.Series([0.9])}),
    Run({"validation/accuracy": pd.Series([0.2, 0.8], index=[0, 10]), "test/accuracy": pd.Series([0.7])}),
]


@pytest.fixture
def draw(call):
    """Call the command with arguments."""
    return functools.partial(call, main)


def test_each_run_has_a_curve_and_the_median_ends_with_most_runs():
    axes = Figure().subplots()
    draw_learning_curves(axes, RUNS, "validation/accuracy")

    *curves, median = axes.get_lines()
    assert [np.asarray(curve.get_xdata()).tolist() for curve in curves] == [[0, 10, 20], [0, 10], [0, 10]]
    assert np.asarray(median.get_xdata()).tolist() == [0, 10]
    assert np.asarray(median.get_ydata()).tolist() == [0.5, 0.8]
    assert axes.get_ylabel() == "validation accuracy"


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


def test_the_picture_of_runs_is_written(runs, draw, capsys):
    for run in ("2", "10"):
        points = "".join(
            f'{{"name":"{name}","step":{step},"value":0.5,"timestamp":"2026-01-01T00:00:00"}}\n'
            for name in ("validation/accuracy", "test/accuracy", "extrapolation/accuracy")
            for step in (10, 20)
        )
        (runs / run / "metrics.jsonl").write_text(points)
    draw(runs, runs / "picture.png")

    assert capsys.readouterr().out == f"2 runs drawn in {runs / 'picture.png'}\n"
    assert (runs / "picture.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SystemExit, match=r"missing/picture\.png cannot be written: "):
        draw(runs, runs / "missing" / "picture.png")


def write_points(run, measure, **config):
    names = (f"validation/{measure}", f"test/{measure}")
    metrics = {name: {"steps": [0, 10], "values": [0.25, 0.5], "timestamps": ["", ""]} for name in names}
    (run / "metrics.json").write_text(json.dumps(metrics))
    (run / "config.json").write_text(json.dumps(config))


def test_runs_that_differ_have_curves_of_their_own_and_tasks_have_rows(runs, draw, monkeypatch, capsys):
    """Two languages and two seeds of parity, and a run of number, which once was left out without a word."""
    for name in ("12", "13"):
        shutil.copytree(runs / "10", runs / name)
    for name, language, seed in (("2", "de", 1), ("10", "de", 2), ("12", "en", 1)):
        write_points(runs / name, "accuracy", language=language, seed=seed)
    write_points(runs / "13", "mean_absolute_error", language="de", seed=1)
    drawn = []

    def note(_axes, group, metric, label, **_color):
        drawn.append((metric, label, len(group)))

    monkeypatch.setattr("analysis.plots.draw_learning_curves", note)
    draw(runs, runs / "picture.png")

    assert drawn == [
        ("validation/accuracy", "language=de: median of {count} runs", 2),
        ("validation/accuracy", "language=en: median of {count} runs", 1),
        ("validation/mean_absolute_error", "median of {count} runs", 1),
    ]
    assert capsys.readouterr().out.startswith("4 runs drawn in")


def test_more_groups_than_colours_are_refused(runs, draw):
    for number in range(20, 27):
        shutil.copytree(runs / "10", runs / str(number))
        write_points(runs / str(number), "accuracy", hidden=number, seed=1)

    with pytest.raises(SystemExit, match="the runs differ in hidden: 7 groups, and a picture holds 6"):
        draw(runs, runs / "picture.png")


def test_a_source_without_a_result_is_refused_with_one_line(tmp_path, draw):
    with pytest.raises(SystemExit, match="there are no runs with a test result in"):
        draw(tmp_path, "picture.png")
    with pytest.raises(SystemExit, match="is not a directory of runs"):
        draw(tmp_path / "nowhere", "picture.png")
