"""Number words as people write them, read back into numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.numerals import german_number, number_word
from core.serving.numbers import LARGEST_KNOWN, NumberReader

LETTERS = "abcdefghijklmnopqrstuvwxyzßäöü"
GERMAN = NumberReader("de", LETTERS)
MAGNITUDES = st.integers(1, 18).flatmap(lambda digits: st.integers(0, 10**digits - 1))


@given(MAGNITUDES)
def test_every_german_word_is_read_back_into_its_number(number):
    word = number_word(number)

    assert german_number(word) == number
    assert GERMAN.read(f" {word.upper().replace('Ü', 'UE').replace('SS', 'ss')}") == number


def test_all_words_below_a_hundred_thousand_are_read_back():
    assert [german_number(number_word(number)) for number in range(100_000)] == list(range(100_000))


PIECES = "ein eins eine zwei hundert tausend und zwanzig Million Millionen Billion".split()


@given(st.lists(st.sampled_from([*PIECES, " "]), max_size=8).map("".join))
def test_what_is_read_is_the_word_of_its_number(text):
    number = german_number(text)

    assert number is None or number_word(number) == text


@pytest.mark.parametrize(
    "word",
    ["", " ", "elfelf", "tausend", "ein", "eine", "zwei Million", "eine Millionen", "nulltausend", "elf elf",
     "eine Million eine Milliarde", "einhunderteinstausend", "elf "],
)  # fmt: skip
def test_what_no_number_is_called_has_no_number(word):
    assert german_number(word) is None


def test_words_of_other_languages_are_looked_up():
    english = NumberReader("en", "abcdefghijklmnopqrstuvwxyz -")

    assert english.read(" Twenty-One ") == 21
    assert english.read(number_word(LARGEST_KNOWN, "en")) == LARGEST_KNOWN
    assert english.read(number_word(LARGEST_KNOWN + 1, "en")) is None
    assert english.is_bounded
    assert not GERMAN.is_bounded


def test_a_word_of_two_numbers_has_none(monkeypatch):
    monkeypatch.setattr("core.serving.numbers.number_word", lambda number, _: f"x{number // 2}")

    assert NumberReader("xx", "x0123456789").read("x3") is None
