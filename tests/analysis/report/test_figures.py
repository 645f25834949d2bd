import numpy as np
import pandas as pd
import pytest

from analysis.loading import load_runs
from analysis.report.figures import as_html, importances, learning_curves, parallel_coordinates


def test_each_group_has_a_median_and_a_band(sweep):
    runs = list(load_runs(sweep))
    figure = learning_curves({"hidden=8": runs[:6], "hidden=16": runs[6:12]}, "validation/accuracy")

    assert [trace.name for trace in figure.data if trace.showlegend is None] == ["hidden=8", "hidden=16"]
    assert len(figure.data) == 4
    assert figure.layout.yaxis.title.text == "validation accuracy"


def test_errors_have_an_axis_that_shows_hundreds_and_zero(runs):
    figure = learning_curves({"": load_runs(runs)}, "train/loss")

    assert figure.data[1].y == pytest.approx(np.arcsinh([2, 1]))
    assert figure.data[1].customdata == (2, 1)
    assert figure.layout.yaxis.ticktext[:3] == ("0", "1", "10")


def test_words_are_places_on_an_axis_of_parallel_coordinates():
    runs = pd.DataFrame({"head": ["nalu", "nac"], "hidden": [8, 16], "test/accuracy": [0.5, 1.0]})
    head, hidden, accuracy = parallel_coordinates(runs, ["head", "hidden"], ["test/accuracy"]).data[0].dimensions

    assert (head.values, head.ticktext) == ((1, 0), ("nac", "nalu"))
    assert hidden.tickvals == (8, 16)
    assert accuracy.label == "test accuracy"


def test_the_seed_is_grey_among_the_importances():
    [bars] = importances(pd.Series({"hidden": 1.0, "seed": 0.1})).data

    assert bars.y == ("seed", "hidden")
    assert bars.marker.color == ("#999999", "#0072b2")


def test_a_figure_is_a_part_of_a_page():
    text = as_html(importances(pd.Series({"hidden": 1.0})), "importance-0")

    assert 'id="importance-0"' in text
    assert "<html" not in text
    assert "http" not in text
