"""Normalizes the spelling of number words, inside the TensorFlow graph and outside, so that all that read them agree.

Training sees words as `core.data.numerals` writes them. A person may write `VIERUNDVIERZIG`, ` elf `, `dreissig` or
`zwoelf`, and a program soft hyphens, separate marks or full-width letters. Both ways use the table of
`core.serving.replacements`.
"""

import re
from collections.abc import Iterator, Mapping

import tensorflow as tf

from core.serving.replacements import make_compositions, make_replacements

_BLANKS = " +"
_GERMAN_LETTERS = "abeilmosuäöüß"  # which the spellings below need
_GERMAN = (
    ("oe", "ö"),  # no German number word contains these three
    ("ue", "ü"),
    ("ss", "ß"),
    (r"\bmilli", "Milli"),  # nouns
    (r"\bbilli", "Billi"),
)


def normalize(words: tf.Tensor, *, language: str, letters: str) -> tf.Tensor:
    """Spell words as in training.

    White space around a word is removed, and each run of white space inside becomes one space. Invisible characters
    are removed, and other forms of a letter become that letter. German words may be in any case, with `ss` for ß and
    `oe`, `ue` for ö, ü. In other languages case is ignored only if their number words have no capitals.

    Args:
        words: string [batch], UTF-8; invalid bytes become the replacement character.
        language: of the words.
        letters: the characters of the alphabet of training.

    Returns:
        string [batch].
    """
    words = tf.strings.regex_replace(_replace(words, _replacements(language, letters)), _BLANKS, " ")
    words = tf.strings.strip(words)
    for pattern, meant in _patterns(language, letters):
        words = tf.strings.regex_replace(words, pattern, meant)
    return words


def normalize_text(word: str, *, language: str, letters: str) -> str:
    """Spell a word as `normalize` does, outside of a graph.

    Args:
        word: as a person writes it.
        language: of the word.
        letters: the characters of the alphabet of training.
    """
    replacements = _replacements(language, letters)
    word = re.sub(_BLANKS, " ", "".join(replacements.get(letter, letter) for letter in word)).strip(" ")
    for pattern, meant in _patterns(language, letters):
        word = re.sub(pattern, meant, word, flags=re.ASCII)
    return word


def _replace(words: tf.Tensor, replacements: Mapping[str, str]) -> tf.Tensor:
    """Replace single characters of words, string [batch]; invalid UTF-8 becomes the replacement character."""
    written = sorted(replacements)
    keys = tf.constant(list(map(ord, written)))
    code_points = tf.strings.unicode_decode(words, "UTF-8")
    letters = code_points.flat_values
    place = tf.minimum(tf.searchsorted(keys, letters), len(written) - 1)
    is_replaced = tf.equal(tf.gather(keys, place), letters)
    meant = tf.gather([replacements[letter] for letter in written], place)
    texts = tf.where(is_replaced, meant, tf.strings.unicode_encode(letters[:, tf.newaxis], "UTF-8"))
    return tf.strings.unsorted_segment_join(texts, code_points.value_rowids(), code_points.nrows())


def _replacements(language: str, letters: str) -> Mapping[str, str]:
    return make_replacements(_known(language, letters), ignores_case=_ignores_case(language, letters))


def _patterns(language: str, letters: str) -> Iterator[tuple[str, str]]:
    """Yield what is replaced once each character is plain, in this order."""
    for written, meant in make_compositions(_known(language, letters)).items():
        yield re.escape(written), meant
    if language == "de":
        yield from _GERMAN


def _known(language: str, letters: str) -> str:
    return letters + _GERMAN_LETTERS if language == "de" else letters


def _ignores_case(language: str, letters: str) -> bool:
    return language == "de" or letters == letters.lower()
