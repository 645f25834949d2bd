"""The picture of how a network reads a word."""

from typing import Any

import numpy as np
import pytest
from matplotlib import image, pyplot

from core.serving.explain import Explanation
from experiments.commands.pictures.explanation import draw_explanation, file_name
from experiments.commands.pictures.panels import in_order
from experiments.pipeline.errors import UserError
from tests.experiments.commands.runs import make_trained_run

WORD = "elf"


@pytest.fixture
def trained_run(tmp_path):
    directory = tmp_path / "7"
    directory.mkdir()
    return make_trained_run(directory)


def explanation(word, **arithmetic):
    answers = {"number": np.linspace(0, 11, len(word), dtype=np.float32)}
    return Explanation(word, backwards=False, answers=answers, arithmetic=arithmetic)


def test_the_picture_has_a_panel_for_the_answers_the_gate_and_the_weights(trained_run):
    weights = {"weights": np.full((4, 1), 0.9)}
    gate = {"gate": np.full((3, 1), 0.5)}
    shapes = [
        image.imread(draw_explanation(explanation(WORD, **arithmetic), trained_run)).shape
        for arithmetic in ({}, weights, {**weights, **gate})
    ]

    assert shapes[0][1] < shapes[1][1] == shapes[2][1]
    assert shapes[0][0] == shapes[1][0] < shapes[2][0]
    assert [path.name for path in (trained_run.directory / "explain").iterdir()] == ["elf.png"]


@pytest.mark.parametrize("word", ["elf", "e", "vierhundertfünfunddreißig"])
def test_the_titles_do_not_overlap(trained_run, monkeypatch, word):
    kept: list[Any] = []
    monkeypatch.setattr(pyplot, "close", kept.append)
    answers = {"number": np.linspace(0, 11, len(word))}
    draw_explanation(Explanation(word, True, answers, {"weights": np.full((4, 1), 0.9)}), trained_run)
    [figure] = kept
    left, right = (axes._left_title.get_window_extent() for axes in figure.axes[:2])
    monkeypatch.undo()
    pyplot.close("all")

    assert left.x1 < right.x0
    assert left.width > 100 < right.width


def test_different_words_have_different_pictures_in_one_directory(trained_run):
    words = ["eine Million", "eine_Million", "einemillion", "e" * 300, "e" * 299 + "f", "a/b", "..", ".", "ELF", "elf"]

    assert len({file_name(word) for word in words}) == len(words)
    assert all("/" not in file_name(word) and len(file_name(word)) < 80 for word in words)
    for word in ("e" * 300, "a/b"):
        path = draw_explanation(explanation(word), trained_run)
        assert path == trained_run.directory / "explain" / f"{file_name(word)}.png"
        assert path.is_file()


def test_infinity_and_letters_that_the_font_lacks_are_drawn_without_a_warning(trained_run, warned):
    unusual = Explanation("字 b", False, {"number": np.array([1.0, np.inf, np.nan])})
    draw_explanation(unusual, trained_run)

    assert not warned()


def test_a_picture_that_cannot_be_written_is_refused(trained_run):
    (trained_run.directory / "explain").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        draw_explanation(explanation(WORD), trained_run)


@pytest.mark.parametrize("backwards", [False, True])
def test_each_letter_has_what_the_head_adds_there(trained_run, backwards):
    added = np.array([11.0, 0.01, 0.0], np.float32)
    answers = {"number": added.cumsum()}
    plain = Explanation(WORD, backwards, answers)
    with_addends = Explanation(WORD, backwards, answers, addends={"added": added})
    heights = [image.imread(draw_explanation(each, trained_run)).shape[0] for each in (plain, with_addends)]

    assert heights[0] < heights[1]
    assert in_order(added, with_addends).tolist() == (added[::-1] if backwards else added).tolist()


@pytest.mark.parametrize("groups", [1, 3])
def test_the_head_places_has_panels_for_digit_place_and_scale(trained_run, groups):
    shares = {"digit": np.eye(10)[:3], "place": np.eye(3), "scale": np.ones((3, groups)) / groups}
    plain = Explanation(WORD, True, {"number": np.array([1, 11, 11])})
    with_places = Explanation(WORD, True, {"number": np.array([1, 11, 11])}, places=shares)
    heights = [image.imread(draw_explanation(each, trained_run)).shape[0] for each in (plain, with_places)]

    assert heights[0] + 300 < heights[1]
