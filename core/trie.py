"""Finds what words of a batch have in common: the trie (prefix tree) of their characters."""

from typing import NamedTuple

import tensorflow as tf


class Trie(NamedTuple):
    """The distinct beginnings of words, one node each, the shortest first: level t has those of t + 1 characters.

    Attributes:
        characters: the last character of each beginning, int32 [nodes].
        parents: the beginning that it goes on from, as its place in the level above, int32 [nodes]; 0, the empty
            beginning, in the first level.
        counts: how many nodes each level has, at least one, int32 [time]. A level that is deeper than all words has a
            node that none of them ends at.
        ends: the node that is the whole of each word, int32 [batch].
    """

    characters: tf.Tensor
    parents: tf.Tensor
    counts: tf.Tensor
    ends: tf.Tensor


def make_trie(characters: tf.Tensor, lengths: tf.Tensor) -> Trie:
    """Make the trie of the words of a batch.

    A word shares nodes with the word before it. In the order of a dictionary all that is alike is next to each other,
    and no beginning has two nodes; in any other order the trie means the same and has more nodes than it needs.

    Args:
        characters: ids, int32 [batch, time]; what is behind the end of a word does not count.
        lengths: of the words, int32 [batch], each 1..time.
    """
    time = tf.shape(characters)[1] if characters.shape[1] is None else characters.shape[1]
    inside = tf.sequence_mask(lengths, time)
    alike = tf.equal(characters[1:], characters[:-1]) & inside[1:] & inside[:-1]
    begins_alike = tf.math.cumprod(tf.cast(alike, tf.int32), axis=1)
    new = tf.cast(inside, tf.int32) - tf.pad(begins_alike, [[1, 0], [0, 0]])
    deeper = tf.cast(tf.range(time) >= tf.reduce_max(lengths), tf.int32)  # than all words: the last one goes on
    new = tf.concat([new[:-1], new[-1:] + deeper], axis=0)
    counts = tf.reduce_sum(new, axis=0)
    place = tf.cumsum(new, axis=0) - 1  # in its level, of the node that a word has there
    nodes = tf.where(tf.transpose(new) > 0)
    ends = tf.stack([tf.range(tf.size(lengths)), lengths - 1], axis=1)
    return Trie(
        characters=tf.gather_nd(tf.transpose(characters), nodes),
        parents=tf.gather_nd(tf.pad(tf.transpose(place), [[1, 0], [0, 0]]), nodes),
        counts=counts,
        ends=tf.gather_nd(place + tf.cumsum(counts, exclusive=True), ends),
    )
