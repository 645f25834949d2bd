"""Builds the input functions of prediction: words as a person writes them in, batches of features out."""

import itertools
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.data.alphabet import UNKNOWN
from core.data.characters import EncodedWords, Encoder
from core.data.input_fn import EVALUATION_BATCH, InputFn
from core.serving.spelling import normalize, normalize_text

LONGEST_WORD = 300
"""Characters that a word may have; number words below 10**18 have 227 at most."""

_UNDECODED = "\ufffd"  # stands for bytes that are not UTF-8
_PREFIXES = 16  # of a word, in a batch

# AutoGraph would look for Python loops and branches in all that these functions call. There are none that depend on
# tensors, and the search is slow and writes each function to a temporary file.
_do_not_convert = tf.autograph.experimental.do_not_convert


def make_prediction_input_fn(*, words: Iterable[str], encoder: Encoder, language: str) -> InputFn:
    """Make the input of words without labels, in their order; they are read on demand."""

    @_do_not_convert
    def input_fn() -> tf.data.Dataset:
        dataset = tf.data.Dataset.from_generator(
            lambda: _batches(words), output_signature=tf.TensorSpec([None], tf.string)
        )
        return dataset.map(lambda batch: make_features(batch, encoder, language)).prefetch(1)

    return input_fn


def make_examples_input_fn(words: EncodedWords) -> InputFn:
    """Make the input of words without labels, in their order and exactly as an evaluation reads them.

    A character that training has not seen is read as the unknown one; every word is readable.
    """
    integers = tf.TensorSpec([None], tf.int32)
    signature = {
        "characters": tf.TensorSpec([None, words.time], tf.int32),
        "lengths": integers,
        "readable": integers,
    }

    def batches() -> Iterator[dict[str, npt.NDArray]]:
        for start in range(0, len(words.lengths), EVALUATION_BATCH):
            stop = min(start + EVALUATION_BATCH, len(words.lengths))
            characters, lengths = words.take(np.arange(start, stop))
            yield {"characters": characters, "lengths": lengths, "readable": np.ones_like(lengths)}

    return lambda: tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(1)


def make_prefix_input_fn(characters: npt.NDArray[np.int32]) -> InputFn:
    """Make the input of the parts of a word that the network has read after each character, the shortest first.

    The state of the LSTM after such a part is its state at that character of the whole word.

    Args:
        characters: ids of the whole word in the order of reading, [time].
    """

    @_do_not_convert
    def input_fn() -> tf.data.Dataset:
        ends = tf.data.Dataset.range(1, len(characters) + 1, output_type=tf.int32).batch(_PREFIXES)
        return ends.map(
            lambda lengths: {
                "characters": tf.tile([tf.constant(characters)[: lengths[-1]]], [tf.size(lengths), 1]),
                "lengths": lengths,
                "readable": tf.ones_like(lengths),
            }
        )

    return input_fn


def make_features(words: tf.Tensor, encoder: Encoder, language: str) -> dict[str, tf.Tensor]:
    """Make the features of words as a person writes them, string [batch].

    A word is readable if it has 1 to LONGEST_WORD characters and training has seen all of them. The network reads any
    other word as a single letter, so that it does not disturb the rest of the batch.

    Returns:
        `characters`, `lengths`, and `readable`, int32 [batch], 1 or 0.
    """
    letters = encoder.alphabet.letters
    spelled = normalize(words, language=language, letters=letters)
    lengths = tf.strings.length(spelled, unit="UTF8_CHAR")
    has_length = (lengths > 0) & (lengths <= LONGEST_WORD)
    short = tf.where(has_length, spelled, letters[0])
    known = ~tf.reduce_any(tf.equal(encoder.encode(short)["characters"], UNKNOWN), axis=1)
    readable = has_length & known
    features = encoder.encode(tf.where(readable, short, letters[0]))
    return {**features, "readable": tf.cast(readable, tf.int32)}


def why_unreadable(word: str, encoder: Encoder, language: str) -> str | None:
    """Tell why a word as a person writes it cannot be read: too long, or which characters; None if it can be."""
    spelled = normalize_text(word, language=language, letters=encoder.alphabet.letters)
    if not spelled:
        return "empty"
    if len(spelled) > LONGEST_WORD:
        return f"longer than {LONGEST_WORD} characters"
    if _UNDECODED in spelled:
        return f"not UTF-8 where it has {_UNDECODED}"
    letters = set(encoder.alphabet.letters)
    if set(spelled) <= letters:
        return None
    composed = unicodedata.normalize("NFC", spelled)  # as a person sees it
    shown = composed if not set(composed) <= letters else spelled
    return (
        f"never seen in training: {show_letters(dict.fromkeys(letter for letter in shown if letter not in letters))}"
    )


def show_letters(letters: Iterable[str]) -> str:
    """Show characters so that each can be seen: a blank by its name, an unprintable one by its code point."""
    shown = (
        "blank" if letter == " " else letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in letters
    )
    return " ".join(shown)


def _batches(words: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(words)
    while batch := list(itertools.islice(rest, EVALUATION_BATCH)):
        yield batch
