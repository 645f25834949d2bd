from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.draw import make_draw
from core.data.numerals import check_language, create_num2word_dict, languages, number_word, word_parts

DATA = Path(__file__).parents[2] / "data" / "numerals_de.tsv"
PAIRS = [line.split("\t") for line in DATA.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]

UNITS = """
    null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf
    dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn
"""
TENS_FROM_20 = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
SMALL = {word: number for number, word in enumerate(UNITS.split())} | {"eins": 1, "eine": 1}
TENS = {word: 20 + 10 * place for place, word in enumerate(TENS_FROM_20.split())}
NOUNS = {10**6: "Million", 10**9: "Milliarde", 10**12: "Billion", 10**15: "Billiarde"}
SCALES = {noun + ending: scale for scale, noun in NOUNS.items() for ending in ("", "n", "en")}


def read_word(word: str) -> int:
    """Read a German number word back, without the code that writes it."""
    number, count = 0, 0
    for part in word.split(" "):
        if part[0].isupper():
            number += count * SCALES[part]
            count = 0
        else:
            count = read_below_million(part)
    return number + count


def read_below_million(word: str) -> int:
    thousands, tausend, rest = word.rpartition("tausend")
    if tausend:
        return 1000 * read_below_thousand(thousands) + (read_below_thousand(rest) if rest else 0)
    return read_below_thousand(word)


def read_below_thousand(word: str) -> int:
    hundreds, hundert, rest = word.rpartition("hundert")
    if hundert:
        return 100 * SMALL[hundreds] + (read_below_hundred(rest) if rest else 0)
    return read_below_hundred(word)


def read_below_hundred(word: str) -> int:
    if word in SMALL:
        return SMALL[word]
    unit, _, ten = word.rpartition("und")
    return TENS[ten] + (SMALL[unit] if unit else 0)


def test_words_are_those_of_icu():
    assert len(PAIRS) > 1700
    for number, word in PAIRS:
        assert number_word(int(number)) == word


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (0, "null"),
        (1, "eins"),
        (16, "sechzehn"),
        (17, "siebzehn"),
        (20, "zwanzig"),
        (21, "einundzwanzig"),
        (30, "dreißig"),
        (100, "einhundert"),
        (101, "einhunderteins"),
        (435, "vierhundertfünfunddreißig"),
        (1000, "eintausend"),
        (1001, "eintausendeins"),
        (101_000, "einhunderteintausend"),
        (1_000_000, "eine Million"),
        (1_000_001, "eine Million eins"),
        (2_001_000, "zwei Millionen eintausend"),
        (101_000_000, "einhunderteine Millionen"),
        (1_000_000_000, "eine Milliarde"),
        (21 * 10**12, "einundzwanzig Billionen"),
        (10**15, "eine Billiarde"),
        (2 * 10**15 + 1, "zwei Billiarden eins"),
    ],
)
def test_irregular_forms_are_right(number, word):
    assert number_word(number) == word


def test_known_misspellings_do_not_occur():
    words = [number_word(number) for number in range(1000)]

    for mistake in ("hundret", "sechszehn", "siebenzehn", "siebenzig", "sechszig", "zweizehn", "β"):
        assert not [word for word in words if mistake in word]
    assert not [word for word in words if word.startswith(("und", "null")) and word != "null"]


def test_a_hundred_thousand_words_are_distinct_and_read_back():
    words = [number_word(number) for number in range(100_000)]

    assert len(set(words)) == 100_000
    assert [read_word(word) for word in words] == list(range(100_000))


@given(st.integers(0, 10**18 - 1))
def test_every_word_reads_back(number):
    assert read_word(number_word(number)) == number


def test_numpy_integers_have_words():
    assert number_word(np.int64(42)) == "zweiundvierzig"  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [-1, 10**18])
def test_a_number_out_of_range_is_refused(number):
    with pytest.raises(ValueError, match=f"{number} has no word here"):
        number_word(number)


@pytest.mark.parametrize("number", [1.0, "eins", True, None])
def test_a_value_that_is_not_an_integer_is_refused(number):
    with pytest.raises(TypeError):
        number_word(number)


def test_other_languages_come_from_num2words():
    assert number_word(435, "en") == "four hundred and thirty-five"
    assert number_word(80, "fr") == "quatre-vingts"


@pytest.mark.parametrize("language", ["klingon", "deutsch", "de_DE", ""])
def test_an_unknown_language_is_refused_with_the_list(language):
    with pytest.raises(ValueError, match=r"is unknown.*am, ar.* de, .*en, .*fr"):
        number_word(1, language)
    with pytest.raises(ValueError, match="is unknown"):
        check_language(language)


@pytest.mark.parametrize(("number", "language"), [(12_345, "am"), (10**12 + 3, "en_IN"), (10**18 - 1, "tr")])
def test_a_number_without_a_word_in_the_language_is_refused(number, language):
    with pytest.raises(ValueError, match=f"no word for {number} in language='{language}'"):
        number_word(number, language)


def test_languages_are_sorted():
    assert "de" in languages()
    assert "en" in languages()
    assert list(languages()) == sorted(languages())


def test_the_dictionary_has_distinct_numbers_in_ascending_order():
    words = create_num2word_dict(100, 1000, seed=3)

    assert len(words) == 100
    assert list(words) == sorted(words)
    assert all(0 <= number < 1000 and word == number_word(number) for number, word in words.items())
    assert set(words) == set(make_draw(minimum=0, maximum=999, seed=3)(np.arange(100)).tolist())


def test_the_dictionary_can_hold_every_number():
    assert create_num2word_dict(3, 3) == {0: "null", 1: "eins", 2: "zwei"}
    assert create_num2word_dict(2, 2, language="en") == {0: "zero", 1: "one"}
    assert create_num2word_dict(0, 5) == {}


def test_a_dictionary_without_a_seed_differs_each_time():
    assert create_num2word_dict(50, 10**12) != create_num2word_dict(50, 10**12)


def test_a_dictionary_larger_than_its_range_is_refused():
    with pytest.raises(ValueError, match="size=4: there are 3 numbers"):
        create_num2word_dict(4, 3)


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        (0, {0}),
        (17, {17}),
        (20, {20}),
        (21, {20, 1}),
        (100, {1, 100}),
        (435, {4, 100, 30, 5}),
        (1000, {1, 1000}),
        (2_000_017, {2, 10**6, 17}),
        (300_000_000, {3, 100, 10**6}),
    ],
)
def test_a_word_is_made_of_its_parts(number, parts):
    assert word_parts(number) == parts
