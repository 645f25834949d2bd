"""Normalizes the spelling of number words, inside the TensorFlow graph and outside, so that all that read them agree.

Training sees words as `core.data.numerals` writes them. A person may write `VIERUNDVIERZIG`, ` elf `, `dreissig` or
`zwoelf`.
"""

import re

import tensorflow as tf

_BLANKS = "[\\t\\n\\f\\r \u00a0\u202f]+"
_ENDS = " \t\n\v\f\r"
_GERMAN = (
    ("a\u0308", "ä"),
    ("o\u0308", "ö"),
    ("u\u0308", "ü"),
    ("oe", "ö"),  # no German number word contains these three or a combining diaeresis
    ("ue", "ü"),
    ("ss", "ß"),
    (r"\bmilli", "Milli"),  # nouns
    (r"\bbilli", "Billi"),
)


def normalize(words: tf.Tensor, *, language: str, letters: str) -> tf.Tensor:
    """Spell words as in training.

    White space around a word is removed, and each run of white space inside becomes one space. German words may be in
    any case, with `ss` for ß and `oe`, `ue` for ö, ü. In other languages case is ignored only if their number words
    have no capitals.

    Args:
        words: string [batch], UTF-8; invalid bytes become the replacement character.
        language: of the words.
        letters: the characters of the alphabet of training.

    Returns:
        string [batch].
    """
    words = tf.strings.unicode_transcode(words, "UTF-8", "UTF-8")
    words = tf.strings.strip(tf.strings.regex_replace(words, _BLANKS, " "))
    if _ignores_case(language, letters):
        words = tf.strings.lower(words, encoding="utf-8")
    if language == "de":
        for pattern, meant in _GERMAN:
            words = tf.strings.regex_replace(words, pattern, meant)
    return words


def normalize_text(word: str, *, language: str, letters: str) -> str:
    """Spell a word as `normalize` does, outside of a graph.

    Args:
        word: as a person writes it.
        language: of the word.
        letters: the characters of the alphabet of training.
    """
    word = re.sub(_BLANKS, " ", word).strip(_ENDS)
    if _ignores_case(language, letters):
        word = word.lower()
    for pattern, meant in _GERMAN if language == "de" else ():
        word = re.sub(pattern, meant, word, flags=re.ASCII)
    return word


def _ignores_case(language: str, letters: str) -> bool:
    return language == "de" or letters == letters.lower()
