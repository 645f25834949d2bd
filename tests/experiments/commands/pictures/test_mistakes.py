"""The picture of the answers to many words."""

from typing import Any

import numpy as np
import pytest
from matplotlib import image, pyplot

from core.data.splits import Split
from experiments.commands.mistakes.selection import Selection
from experiments.commands.pictures.mistakes import draw_mistakes
from experiments.pipeline.errors import UserError
from tests.experiments.commands.mistakes.answers import answered
from tests.experiments.commands.runs import make_trained_run


@pytest.fixture
def trained_run(tmp_path):
    (tmp_path / "7").mkdir()
    return make_trained_run(tmp_path / "7")


@pytest.fixture
def figures(monkeypatch):
    """The figures that are drawn; they stay open until the test has looked at them."""
    kept: list[Any] = []
    monkeypatch.setattr(pyplot, "close", kept.append)
    yield kept
    monkeypatch.undo()
    pyplot.close("all")


def selection(asked):
    return Selection("0..9", Split(asked.numbers, asked.words), {})


def test_classes_have_a_colour_each_and_misses_a_ring(trained_run, figures):
    asked = answered("parity", [1, 2, 3, 4], [0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9])
    path = draw_mistakes(asked, trained_run, selection(asked))
    [figure] = figures
    odd, even, missed = figure.axes[0].collections

    assert path == trained_run.directory / "mistakes" / "0..9.png"
    assert image.imread(path).shape[:2] == (504, 960)
    assert [each.get_label() for each in (odd, even, missed)] == ["odd", "even", "missed"]
    assert odd.get_facecolor().tolist() != even.get_facecolor().tolist()
    assert sorted(missed.get_offsets().data.tolist()) == [[2, pytest.approx(0.2)], [3, pytest.approx(0.7)]]


def test_numbers_far_away_are_drawn_at_the_edge_without_a_warning(trained_run, figures, warned):
    asked = answered("number", [10, 20, 100], np.array([10.2, np.nan, 1e9], np.float32))
    draw_mistakes(asked, trained_run, selection(asked))
    [figure] = figures
    right, missed = figure.axes[0].collections

    assert not warned()
    assert right.get_offsets().data.tolist() == [[10, pytest.approx(10.2)]]
    assert sorted(missed.get_offsets().data.tolist()) == [[20, 150], [100, 150]]
    assert "2 farther away" in figure.axes[0].get_ylabel()


def test_a_picture_is_drawn_again(trained_run):
    for answer in (1, 0):
        asked = answered("parity", [1], [answer], [0.25])
        path = draw_mistakes(asked, trained_run, selection(asked))
        image.imread(path)

    assert [each.name for each in path.parent.iterdir()] == ["0..9.png"]


def test_a_picture_that_cannot_be_written_is_refused(trained_run):
    (trained_run.directory / "mistakes").write_text("")
    asked = answered("parity", [1], [1], [0.75])
    with pytest.raises(UserError, match="cannot be written"):
        draw_mistakes(asked, trained_run, selection(asked))
