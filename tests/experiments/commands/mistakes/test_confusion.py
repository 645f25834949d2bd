"""What was answered in place of what."""

import numpy as np

from experiments.commands.mistakes.confusion import format_confusion
from tests.experiments.commands.mistakes.answers import answered


def cells(text):
    return [line.split() for line in text.splitlines()]


def test_classes_are_counted_true_against_answered():
    asked = answered("parity", [1, 3, 5, 6, 8], [0, 0, 1, 1, 0])

    assert cells(format_confusion(asked, "softmax")) == [
        ["parity", "answered", "odd", "answered", "even"],
        ["true", "odd", "2", "1"],
        ["true", "even", "1", "1"],
    ]


def test_wrong_digits_are_counted_by_place_also_where_the_number_has_none():
    asked = answered("number", [435, 21, 7, 9], [485, 81, 1007, 9])
    heading, titles, *rows = cells(format_confusion(asked, "places"))

    assert heading[:7] == "words with a wrong digit, by place;".split()
    assert titles == ["place", "wrong", "share", "most", "frequent"]
    assert rows == [
        ["units", "0", "0"],
        ["tens", "2", "0.5", "2", "->", "8", "(1x),", "3", "->", "8", "(1x)"],
        ["hundreds", "0", "0"],
        ["thousands", "1", "0.25", "0", "->", "1", "(1x)"],
    ]


def test_values_are_counted_by_the_size_of_their_errors():
    values = np.array([1.4, 2.6, 30.0, -100.0, np.inf, np.nan], np.float32)
    asked = answered("number", [1, 2, 20, 100, 5, 6], values)

    assert [row[-2:] for row in cells(format_confusion(asked, "nac"))[2:]] == [
        ["1", "0.167"],
        ["1", "0.167"],
        ["1", "0.167"],
        ["0", "0"],
        ["3", "0.5"],
    ]
