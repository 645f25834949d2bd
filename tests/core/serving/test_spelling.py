import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given
from hypothesis import strategies as st

from core.data.numerals import number_word
from core.serving.spelling import normalize, normalize_text

LETTERS = "abcdefghijklmnopqrstuvwxyzßäöü"


def spelled(words, language="de", letters=LETTERS):
    return [word.decode() for word in normalize(tf.constant(words), language=language, letters=letters).numpy()]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("VIERUNDVIERZIG", "vierundvierzig"),
        ("  elf\t", "elf"),
        ("dreissig", "dreißig"),
        ("DREISSIG", "dreißig"),
        ("DREIẞIG", "dreißig"),
        ("fuenf", "fünf"),
        ("ZWOELF", "zwölf"),
        ("FÜNF", "fünf"),
        ("zwo\u0308lf", "zwölf"),
        ("eine\u00a0MILLION  zwei", "eine Million zwei"),
        ("drei milliarden", "drei Milliarden"),
        ("zwei billionen eine billiarde", "zwei Billionen eine Billiarde"),
        ("", ""),
        ("Grüße an alle", "grüße an alle"),
    ],
)
def test_usual_spellings_of_a_word_are_normalized(written, meant):
    assert spelled([written]) == [meant]


def test_correctly_spelled_german_words_do_not_change():
    drawn = np.random.default_rng(1).integers(0, 10**18, 20_000).tolist()
    words = [number_word(number) for number in [*range(100_000), *drawn]]

    assert spelled(words) == words


def test_german_words_may_have_capitals_and_no_umlauts():
    words = [number_word(number) for number in range(0, 1_000_000, 37)]
    plain = [word.replace("ü", "ue").replace("ö", "oe").replace("ß", "ss").upper() for word in words]

    assert spelled(plain) == words


def test_case_is_ignored_in_other_languages_unless_they_have_capitals():
    assert spelled([" Twenty-One"], "en", "-enotwy") == ["twenty-one"]
    assert spelled([" Blue Essen "], "xx", "Bb") == ["Blue Essen"]


TEXTS = st.text(
    st.sampled_from("aeiosuäüßMBi\u0308lLEAÜẞ \t\n\v\f\r\u00a0\u202f-_.1É")
    | st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F)
)


@given(TEXTS, st.sampled_from([("de", LETTERS), ("en", LETTERS), ("xx", "Bb")]))
@example("eine\u00a0MILLION  zwei", ("de", LETTERS))
def test_a_text_outside_of_a_graph_is_normalized_alike(word, language):
    language, letters = language

    assert [normalize_text(word, language=language, letters=letters)] == spelled([word], language, letters)
