"""Reads a number word as a person means it, inside the TensorFlow graph, so that asking and serving agree.

Training sees words as `numerals` writes them. A person may write `VIERUNDVIERZIG`, ` elf `, `dreissig`, `zwoelf`.
"""

import tensorflow as tf

_BLANKS = "[\\s\u00a0\u202f]+"
_GERMAN = (
    ("a\u0308", "ä"),
    ("o\u0308", "ö"),
    ("u\u0308", "ü"),
    ("oe", "ö"),  # neither these three nor the combining dots occur in a German number word
    ("ue", "ü"),
    ("ss", "ß"),
    (r"\bmilli", "Milli"),  # nouns
    (r"\bbilli", "Billi"),
)


def normalize(words: tf.Tensor, *, language: str, letters: str) -> tf.Tensor:
    """Spell words as training has seen them.

    Surrounding blanks go, others become one space each. German is read in any case, with `ss` for ß and `oe`, `ue`
    for ö, ü. Of other languages only those without capitals are read in any case.

    Args:
        words: string [batch], UTF-8; bytes that are none become the replacement character.
        language: `de`, or another.
        letters: the characters of the alphabet.

    Returns:
        string [batch].
    """
    words = tf.strings.unicode_transcode(words, "UTF-8", "UTF-8")
    words = tf.strings.strip(tf.strings.regex_replace(words, _BLANKS, " "))
    if language == "de" or letters == letters.lower():
        words = tf.strings.lower(words, encoding="utf-8")
    if language == "de":
        for pattern, meant in _GERMAN:
            words = tf.strings.regex_replace(words, pattern, meant)
    return words
