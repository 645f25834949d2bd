"""Builds the input functions: words and labels in, batches of (features, labels) out.

Features are `characters`, int32 [batch, time], and `lengths`, int32 [batch]; labels are one entry a task,
[batch]. Words of like length share a batch, so that a batch is padded little and the LSTM, which stops at
the longest word of its batch, does little for nothing.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.characters import Alphabet, encode
from core.draw import Integers
from core.examples import Split

Label = Callable[[Integers], npt.NDArray]
InputFn = Callable[[], tf.data.Dataset]

EVALUATION_BATCH = 1024
_BUCKETS = 4


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


def make_prediction_input_fn(*, words: Sequence[str], alphabet: Alphabet) -> InputFn:
    """Make the input of words without labels, in the order in which they are given."""

    def input_fn() -> tf.data.Dataset:
        dataset = tf.data.Dataset.from_tensor_slices(list(words)).batch(EVALUATION_BATCH)
        return dataset.map(lambda words: encode(words, alphabet))

    return input_fn


def _bucket_boundaries(lengths: Sequence[int]) -> list[int]:
    """Choose lengths that part the words into buckets of about equal size."""
    quantiles = np.quantile(lengths, np.arange(1, _BUCKETS) / _BUCKETS, method="nearest")
    return sorted({int(quantile) + 1 for quantile in quantiles})
