"""Cuts words into windows of a few characters; windows that words share are one."""

from typing import NamedTuple

import tensorflow as tf

from core.data.alphabet import PADDING


class Windows(NamedTuple):
    """The distinct windows of a batch, in dictionary order, at least one.

    Attributes:
        characters: ids, int32 [windows, memory]; PADDING stands for what is before the first character of a word.
        paths: the window that ends at each character of each word, int32 [batch, time]; 0 after the end of a word.
    """

    characters: tf.Tensor
    paths: tf.Tensor


def make_windows(characters: tf.Tensor, lengths: tf.Tensor, *, memory: int) -> Windows:
    """Make the windows of the words of a batch.

    Args:
        characters: ids in the order of reading, int32 [batch, time]; ids after the end of a word are ignored.
        lengths: of the words, int32 [batch], each 1..time.
        memory: characters of a window.
    """
    time = tf.shape(characters)[1]
    padded = tf.pad(characters, [[0, 0], [memory - 1, 0]], constant_values=PADDING)
    windows = tf.stack([padded[:, offset : offset + time] for offset in range(memory)], axis=2)
    inside = tf.sequence_mask(lengths, time)
    rows = tf.boolean_mask(windows, inside)
    order = tf.range(tf.shape(rows)[0])
    for column in reversed(range(memory)):  # a stable sort by each column, the last one first, sorts as a dictionary
        order = tf.gather(order, tf.argsort(tf.gather(rows[:, column], order), stable=True))
    ordered = tf.gather(rows, order)
    new = tf.concat(
        [tf.ones_like(order[:1], tf.bool), tf.reduce_any(tf.not_equal(ordered[1:], ordered[:-1]), axis=1)], axis=0
    )
    number = tf.scatter_nd(order[:, tf.newaxis], tf.cumsum(tf.cast(new, tf.int32)) - 1, tf.shape(order))
    paths = tf.scatter_nd(tf.where(inside), number, tf.cast(tf.shape(inside), tf.int64))
    distinct = tf.boolean_mask(ordered, new)
    none = tf.cast(tf.equal(tf.shape(distinct)[0], 0), tf.int32)  # in an empty batch; the LSTM needs something to read
    return Windows(tf.pad(distinct, [[0, none], [0, 0]], constant_values=PADDING), paths)
