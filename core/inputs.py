"""Builds the input functions: words and labels in, batches of (features, labels) out.

Features are `characters`, int32 [batch, time], and `lengths`, int32 [batch]; labels are one entry a task,
[batch]. Words of like length share a batch, so that a batch is padded little and the LSTM, which stops at
the longest word of its batch, does little for nothing.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.characters import UNKNOWN, Alphabet, encode
from core.draw import Integers
from core.examples import Split
from core.spelling import normalize

Label = Callable[[Integers], npt.NDArray]
InputFn = Callable[[], tf.data.Dataset]

EVALUATION_BATCH = 1024
LONGEST = 300  # characters of a word that is asked; those below 10**18 have 227 at most
_BUCKETS = 4
_PREFIXES = 16  # of a word, in a batch


def make_training_input_fn(
    examples: Split,
    *,
    label_name: str,
    label: Label,
    alphabet: Alphabet,
    batch_size: int,
    seed: int,
    start_step: int,
) -> InputFn:
    """Make the endless input of training, each pass over the examples in an order of its own.

    Args:
        examples: what to learn from.
        label_name: the name of the label.
        label: numbers int64 [examples] -> the right answers [examples].
        alphabet: of the character ids.
        batch_size: words in a batch.
        seed: fixes the order of the examples.
        start_step: how many batches were learned before; the input goes on behind them.
    """
    labels = {label_name: label(examples.numbers)}
    boundaries = _bucket_boundaries([len(word) for word in examples.words])

    def input_fn() -> tf.data.Dataset:
        dataset = tf.data.Dataset.from_tensor_slices((list(examples.words), labels))
        dataset = dataset.shuffle(len(examples.words), seed=seed).repeat()
        dataset = dataset.bucket_by_sequence_length(
            lambda word, _: tf.strings.length(word, unit="UTF8_CHAR"),
            bucket_boundaries=boundaries,
            bucket_batch_sizes=[batch_size] * (len(boundaries) + 1),
        ).skip(start_step)
        return dataset.map(lambda words, labels: (encode(words, alphabet), labels)).prefetch(2)

    return input_fn


def make_evaluation_input_fn(examples: Split, *, label_name: str, label: Label, alphabet: Alphabet) -> InputFn:
    """Make the input of one pass over the examples, in ascending order of length."""
    order = np.argsort([len(word) for word in examples.words], kind="stable")
    words = [examples.words[place] for place in order]
    labels = {label_name: label(examples.numbers[order])}

    def input_fn() -> tf.data.Dataset:
        dataset = tf.data.Dataset.from_tensor_slices((words, labels)).batch(EVALUATION_BATCH)
        return dataset.map(lambda words, labels: (encode(words, alphabet), labels)).prefetch(1)

    return input_fn


def make_prediction_input_fn(*, words: Iterable[str], alphabet: Alphabet, language: str) -> InputFn:
    """Make the input of words without labels, in their order; they are taken as they are needed."""

    def input_fn() -> tf.data.Dataset:
        dataset = tf.data.Dataset.from_generator(
            lambda: _batches(words), output_signature=tf.TensorSpec([None], tf.string)
        )
        return dataset.map(lambda batch: ask(batch, alphabet, language)).prefetch(1)

    return input_fn


def make_prefix_input_fn(characters: npt.NDArray[np.int32]) -> InputFn:
    """Make the input of every beginning of a word, the shortest first, some in a batch.

    An LSTM has read no more of a word than it has come to: its state after a beginning is that within the word.

    Args:
        characters: ids of the whole word, [time].
    """

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


def ask(words: tf.Tensor, alphabet: Alphabet, language: str) -> dict[str, tf.Tensor]:
    """Make features of words that a person asks, string [batch].

    A word is readable when it has a character and at most LONGEST, all of which training has seen. The others are
    read as a single letter, so that they disturb none beside them.

    Returns:
        `characters`, `lengths`, and `readable`, int32 [batch], 1 or 0.
    """
    spelled = normalize(words, language=language, letters=alphabet.letters)
    lengths = tf.strings.length(spelled, unit="UTF8_CHAR")
    of_a_length = (lengths > 0) & (lengths <= LONGEST)
    short = tf.where(of_a_length, spelled, alphabet.letters[0])
    known = ~tf.reduce_any(tf.equal(encode(short, alphabet)["characters"], UNKNOWN), axis=1)
    readable = of_a_length & known
    features = encode(tf.where(readable, short, alphabet.letters[0]), alphabet)
    return {**features, "readable": tf.cast(readable, tf.int32)}


def _batches(words: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(words)
    while batch := list(itertools.islice(rest, EVALUATION_BATCH)):
        yield batch


def _bucket_boundaries(lengths: Sequence[int]) -> list[int]:
    """Choose lengths that part the words into buckets of about equal size."""
    quantiles = np.quantile(lengths, np.arange(1, _BUCKETS) / _BUCKETS, method="nearest")
    return sorted({int(quantile) + 1 for quantile in quantiles})
