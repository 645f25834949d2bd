import numpy as np
import pytest
import tensorflow as tf

from core.numerals import number_word
from core.spelling import normalize

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
def test_a_word_is_read_as_a_person_means_it(written, meant):
    assert spelled([written]) == [meant]


def test_every_german_word_stays_what_it_is():
    drawn = np.random.default_rng(1).integers(0, 10**18, 20_000).tolist()
    words = [number_word(number) for number in [*range(100_000), *drawn]]

    assert spelled(words) == words


def test_every_german_word_can_be_written_without_umlauts_and_in_capitals():
    words = [number_word(number) for number in range(0, 1_000_000, 37)]
    plain = [word.replace("ü", "ue").replace("ö", "oe").replace("ß", "ss").upper() for word in words]

    assert spelled(plain) == words


def test_another_language_is_read_in_any_case_unless_it_has_capitals():
    assert spelled([" Twenty-One"], "en", "-enotwy") == ["twenty-one"]
    assert spelled([" Blue Essen "], "xx", "Bb") == ["Blue Essen"]
