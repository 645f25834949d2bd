"""The list of missed words."""

import numpy as np
import pytest

from experiments.commands.mistakes.missed import format_missed, read_show
from experiments.pipeline.errors import UserError
from tests.experiments.commands.mistakes.answers import answered


def test_missed_words_are_listed_with_their_answers_and_a_long_list_is_cut():
    asked = answered("parity", [1, 2, 4, 6], [1, 0, 0, 1], [0.75, 0.125, 0.25, 0.9])

    assert [line.split() for line in format_missed(asked, 2).splitlines()] == [
        "missed: 3 of 4 words, the most confident first".split(),
        "number word true answered probability of even".split(),
        ["2", "zwei", "even", "odd", "0.125"],
        ["1", "eins", "odd", "even", "0.75"],
        "... and 1 more: show=3".split(),
    ]
    assert "more" not in format_missed(asked, 3)
    assert format_missed(asked, 0) == "missed: 3 of 4 words, the most confident first"


def test_a_number_has_its_error():
    asked = answered("number", [11, 20], np.array([11.2, 18.5], np.float32))

    assert [line.split() for line in format_missed(asked, 20).splitlines()[1:]] == [
        ["number", "word", "answered", "error"],
        ["20", "zwanzig", "18.5", "-1.5"],
    ]


def test_nothing_missed_is_said():
    assert format_missed(answered("number", [11], [11]), 20) == "no word is missed"


@pytest.mark.parametrize("show", [-1, "x", 1.5, True, None])
def test_only_a_count_of_words_can_be_shown(show):
    with pytest.raises(UserError, match=f"show={show} is not a whole number"):
        read_show(show)
