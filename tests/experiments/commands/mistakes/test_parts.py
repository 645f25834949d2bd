"""The parts of words with the most misses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.numerals import number_word
from experiments.commands.mistakes.parts import format_parts, split_word
from tests.experiments.commands.mistakes.answers import answered


@pytest.mark.parametrize(
    ("number", "language", "parts"),
    [
        (435, "de", "vier hundert fünf und dreißig"),
        (213, "de", "zwei hundert dreizehn"),
        (1001, "de", "ein tausend eins"),
        (0, "de", "null"),
        (2_000_017, "de", "zwei Millionen siebzehn"),
        (79, "en", "seventy nine"),
    ],
)
def test_a_word_is_split_into_its_parts(number, language, parts):
    assert split_word(number, number_word(number, language), language) == frozenset(parts.split())


@given(st.integers(1, 18).flatmap(lambda digits: st.integers(0, 10**digits - 1)))
def test_the_parts_of_a_german_word_leave_nothing_over(number):
    word = number_word(number)
    parts = sorted(split_word(number, word, "de"), key=len, reverse=True)

    assert re.sub("|".join(parts), "", word).strip() == ""


def test_parts_are_sorted_by_their_share_of_misses_and_rare_ones_are_left_out():
    numbers = [*range(20, 30), 40, 42, 13]
    misses = {13, 21, 22, 23, 42}
    asked = answered("number", numbers, [number + (number in misses) for number in numbers])
    _, _, *rows = (line.split() for line in format_parts(asked, "de").splitlines())

    assert rows == [
        ["und", "10", "4", "0.4"],
        ["zwanzig", "10", "3", "0.3"],
        ["(any)", "13", "5", "0.385"],
    ]


def test_no_part_is_shown_if_all_are_rare():
    assert format_parts(answered("number", [1, 2], [1, 3]), "de").startswith("no part of the missed words is in 5")
