"""Builds the input functions of training and evaluation: words and labels in, batches of (features, labels) out.

Features are `characters`, int32 [batch, time], in the order in which the network reads them, and `lengths`, int32
[batch]; labels have one entry per task, [batch].
The time axis is as long as the longest word of all examples, so the graph knows it and unrolls the LSTM.
Batches are cut out of the encoded words on demand, many at a time, because a call into Python
costs more than a batch.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.data.batches import dictionary_order
from core.data.characters import EncodedWords
from core.data.draw import Integers

InputFn = Callable[[], tf.data.Dataset]
Labels = Mapping[str, npt.NDArray]

EVALUATION_BATCH = 1024
_BLOCK = 4096  # words that are cut out at a time


def make_training_input_fn(
    words: EncodedWords, labels: Labels, *, batch: Callable[[int], Integers], start_step: int
) -> InputFn:
    """Make the endless input of training.

    Args:
        words: to learn from.
        labels: the right answers, by task, each [examples].
        batch: the number of a batch, 0 and up -> the indices of its examples, int64 [batch].
        start_step: how many batches were trained before; the input continues after them.
    """
    batches = max(_BLOCK // len(batch(start_step)), 1)

    def choose(step: int) -> Integers:
        return np.stack([batch(number) for number in range(step, step + batches)])

    def input_fn() -> tf.data.Dataset:
        steps = tf.data.Dataset.range(start_step, tf.int64.max, batches)
        return _cut_batches(steps, choose, words, labels).prefetch(2)

    return input_fn


def make_evaluation_input_fn(words: EncodedWords, labels: Labels) -> InputFn:
    """Make the input of one pass over the examples; batches of short words come first."""
    order = np.argsort(words.lengths, kind="stable")

    def choose(start: int) -> Integers:
        return order[np.newaxis, start : start + EVALUATION_BATCH]

    def input_fn() -> tf.data.Dataset:
        starts = tf.data.Dataset.range(0, len(order), EVALUATION_BATCH)
        batches = _cut_batches(starts, choose, words, labels)
        return batches.apply(tf.data.experimental.assert_cardinality(starts.cardinality())).prefetch(1)

    return input_fn


@tf.autograph.experimental.do_not_convert  # nothing to convert, and finding that out is slow
def _cut_batches(
    starts: tf.data.Dataset, choose: Callable[[int], Integers], words: EncodedWords, labels: Labels
) -> tf.data.Dataset:
    """Make (features, labels) of the examples that `choose` returns for each start, indices [batches, batch].

    The words of a batch are sorted as in a dictionary, the order in which the network reads them fastest.
    """
    answers = list(labels.values())

    def cut(start: np.int64) -> tuple[npt.NDArray, ...]:
        chosen = choose(int(start))
        characters, lengths = words.take(chosen.ravel())
        characters, lengths = characters.reshape(*chosen.shape, -1), lengths.reshape(chosen.shape)
        batch, order = np.arange(len(chosen))[:, np.newaxis], dictionary_order(characters)
        return tuple(values[batch, order] for values in (characters, lengths, *(each[chosen] for each in answers)))

    types = [tf.int32, tf.int32, *(tf.as_dtype(each.dtype) for each in answers)]
    shapes = [[None, None, words.time], *([None, None] for _ in types[1:])]

    def block(start: tf.Tensor) -> tf.data.Dataset:
        arrays = tf.numpy_function(cut, [start], types, stateful=False)
        characters, lengths, *right = map(tf.ensure_shape, arrays, shapes)
        features = {"characters": characters, "lengths": lengths}
        return tf.data.Dataset.from_tensor_slices((features, dict(zip(labels, right, strict=True))))

    options = tf.data.Options()
    options.autotune.enabled = False  # it has nothing to tune here, and delays the end of a session by seconds
    return starts.flat_map(block).with_options(options)
