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


WRITTEN = {
    "soft hyphens": "vier\u00adund\u00advierzig",
    "zero widths": "\ufeffvier\u200bund\u200c\u200dvier\u2060zig\u200e",
    "variation selectors": "vier\ufe0fundvierzig\U000e0100",
    "a joiner of graphemes": "vier\u034fundvierzig",
    "full width": "\uff36\uff49\uff45\uff52\uff55\uff4e\uff44\uff56\uff49\uff45\uff52\uff5a\uff49\uff47",
    "mathematical": "\U0001d42f\U0001d422\U0001d41e\U0001d42bundvierzig",
    "wide blanks": "\u3000\u2003vierundvierzig\u2028\u0085\v",
}


@pytest.mark.parametrize("how", WRITTEN)
def test_what_cannot_be_seen_and_other_forms_of_letters_are_read(how):
    assert spelled([WRITTEN[how]]) == ["vierundvierzig"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("drei\u017f\u017fig", "dreißig"),
        ("\u017fechs", "sechs"),
        ("ZWO\u200b\u0308LF", "zwölf"),
        ("fu\u00ad\u0308nf", "fünf"),
        ("\uff26U\u0308NF", "fünf"),
        ("elf²", "elf²"),
        ("①", "①"),
        ("½", "½"),
    ],
)
def test_old_letters_and_separate_marks_are_read_and_other_signs_stay(written, meant):
    assert spelled([written]) == [meant]
    assert normalize_text(written, language="de", letters=LETTERS) == meant


def test_ligatures_hyphens_and_apostrophes_are_read_where_the_language_has_them():
    assert spelled(["ﬁfty\u2011ﬁve", "ﬁfty\u2010ﬁve"], "en", "-efityv") == ["fifty-five"] * 2
    assert spelled(["п\u2019ять", "п\u02bcять"], "uk", "'пятьі") == ["п'ять"] * 2


ALPHABETS = [
    ("de", LETTERS),
    ("en", "-, adefghilmnorstuvwxyz"),
    ("vi", "abhiknơườộấảyốố"),
    ("bn", "যর\u09bcে"),
    ("xx", "Bb"),
]


@pytest.mark.parametrize(("language", "letters"), ALPHABETS)
def test_every_character_and_every_mark_is_read_alike_in_a_graph_and_outside(language, letters):
    characters = [
        chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF and (code < 0x30000 or code > 0xDFFFF)
    ]
    words = [f"e{''.join(characters[start : start + 40])}f" for start in range(0, len(characters), 40)]
    words += [f"{letter}{mark}" for letter in "aouyộA" for mark in map(chr, range(0x300, 0x370))]
    outside = [normalize_text(word, language=language, letters=letters) for word in words]

    assert spelled(words, language, letters) == outside


@pytest.mark.parametrize("language", ["en", "fr", "vi", "uk", "bn", "kn", "th", "ar", "fa", "he"])
def test_words_of_training_do_not_change_in_any_language(language):
    words = [number_word(number, language) for number in range(100)]
    letters = "".join(sorted(set("".join(words))))

    assert spelled(words, language, letters) == [" ".join(word.split()) for word in words]
