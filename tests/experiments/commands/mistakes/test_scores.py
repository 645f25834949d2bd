"""The score of a network beside that of a constant answer."""

import numpy as np
import pytest

from experiments.commands.mistakes.scores import choose_constant, format_scores, measure
from tests.experiments.commands.mistakes.answers import answered

LEARNED = np.array([2, 4, 6, 7, 100])


def test_the_constant_of_a_class_is_the_more_frequent_answer_in_training():
    asked = answered("parity", [1, 3, 5, 6], [0, 0, 1, 1])

    assert choose_constant(asked, LEARNED) == (1, "always even, the more frequent answer in training")
    _, network, constant, recorded = format_scores(asked, LEARNED, 0.75).splitlines()
    assert network.split() == ["the", "network", "0.75"]
    assert constant.split()[-1] == "0.25"
    assert recorded == "the run recorded the same accuracy"


def test_the_constant_of_a_number_is_the_median_of_training():
    asked = answered("number", [0, 6, 10], [0, 7, 10])

    assert choose_constant(asked, LEARNED) == (6, "always 6, the median of training")
    title, network, constant = format_scores(asked, LEARNED, None).splitlines()
    assert title.split() == "mean absolute error exact relative error".split()
    assert network.split()[2:] == ["0.3333", "0.6667", "0.05556"]
    assert constant.split()[-3:] == ["3.333", "0.3333", "2.133"]


def test_another_recorded_result_is_not_hidden():
    asked = answered("parity", [1, 2], [0, 0])

    assert "but the run recorded 0.75" in format_scores(asked, LEARNED, 0.75)


def test_infinite_answers_have_an_infinite_error():
    asked = answered("number", [1, 2], np.array([1.2, np.inf], np.float32))

    assert measure(asked, asked.answers) == {
        "mean_absolute_error": np.inf,
        "exact": 0.5,
        "relative_error": np.inf,
    }
    assert measure(asked, np.array([1.0, 2.5]))["mean_absolute_error"] == pytest.approx(0.25)
