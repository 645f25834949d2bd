"""Builds the trie (prefix tree) of the words of a batch."""

from typing import NamedTuple

import tensorflow as tf


class Trie(NamedTuple):
    """The distinct prefixes of the words, one node each, the shortest first: level t has those of t + 1 characters.

    Attributes:
        characters: the last character of each prefix, int32 [nodes].
        parents: the prefix one character shorter, as its index in the level above, int32 [nodes]; in the first level
            0, the empty prefix.
        counts: nodes of each level, at least one, int32 [time]. A level deeper than all words has one node, at which
            no word ends.
        ends: the node of each whole word, int32 [batch].
        paths: the node of each prefix of each word, int32 [batch, time]; 0 after the end of a word.
    """

    characters: tf.Tensor
    parents: tf.Tensor
    counts: tf.Tensor
    ends: tf.Tensor
    paths: tf.Tensor


def make_trie(characters: tf.Tensor, lengths: tf.Tensor) -> Trie:
    """Make the trie of the words of a batch.

    A word shares nodes with the word before it. In dictionary order no prefix has two nodes. In any other order the
    trie is equivalent, but has more nodes than necessary.

    Args:
        characters: ids, int32 [batch, time]; ids after the end of a word are ignored.
        lengths: of the words, int32 [batch], each 1..time.
    """
    time = tf.shape(characters)[1] if characters.shape[1] is None else characters.shape[1]
    inside = tf.sequence_mask(lengths, time)
    alike = tf.equal(characters[1:], characters[:-1]) & inside[1:] & inside[:-1]
    begins_alike = tf.math.cumprod(tf.cast(alike, tf.int32), axis=1)
    new = tf.cast(inside, tf.int32) - tf.pad(begins_alike, [[1, 0], [0, 0]])
    deeper = tf.cast(tf.range(time) >= tf.reduce_max(lengths), tf.int32)  # than all words: extend the last word
    new = tf.concat([new[:-1], new[-1:] + deeper], axis=0)
    counts = tf.reduce_sum(new, axis=0)
    place = tf.cumsum(new, axis=0) - 1  # index in its level of the node of each word
    nodes = tf.where(tf.transpose(new) > 0)
    paths = place + tf.cumsum(counts, exclusive=True)
    ends = tf.stack([tf.range(tf.size(lengths)), lengths - 1], axis=1)
    return Trie(
        characters=tf.gather_nd(tf.transpose(characters), nodes),
        parents=tf.gather_nd(tf.pad(tf.transpose(place), [[1, 0], [0, 0]]), nodes),
        counts=counts,
        ends=tf.gather_nd(paths, ends),
        paths=tf.where(inside, paths, 0),
    )
