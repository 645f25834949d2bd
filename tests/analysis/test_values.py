import math

import pandas as pd
import pytest

from analysis.values import as_numbers, as_text, order, value_as_given


@pytest.mark.parametrize(
    ("stored", "given"),
    [(5.0, 5), (0.5, 0.5), (None, "None"), (math.nan, "None"), ([1], "[1]"), (True, True), ("a", "a")],
)
def test_a_config_value_is_shown_as_it_was_given(stored, given):
    assert value_as_given(stored) == given


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (math.nan, ""), (pd.NA, ""), (0.123456, "0.1235"), (5.0, "5"), ("a\nb", "a b")]
)
def test_a_cell_has_four_digits_and_one_line(value, text):
    assert as_text(value) == text


def test_words_become_their_places_and_numbers_stay():
    numbers, words = as_numbers(pd.Series(["nalu", "nac", "nalu"]))
    assert (numbers.tolist(), words) == ([1, 0, 1], ["nac", "nalu"])

    numbers, words = as_numbers(pd.Series([8, 16.0], dtype=object))
    assert (numbers.tolist(), words) == ([8, 16], None)


def test_numbers_are_sorted_before_words():
    assert sorted(["b", 10, 2.5, "a"], key=order) == [2.5, 10, "a", "b"]
