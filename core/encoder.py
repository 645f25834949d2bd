"""Reads words character by character: embedding and LSTM."""

import tensorflow as tf

from core.lstm import lstm
from core.trie import make_trie


def encode_word(
    characters: tf.Tensor, lengths: tf.Tensor, *, alphabet_size: int, embedding: int, hidden: int
) -> tf.Tensor:
    """Read words and return what the LSTM holds after the last character of each.

    Args:
        characters: int32 [batch, time], ids below alphabet_size. Words that follow each other in the order of a
            dictionary cost least: what they begin with is read once for all of them. Where the graph does not know
            the time, there is no gradient.
        lengths: int32 [batch], each 1..time.
        alphabet_size: how many ids there are.
        embedding: features of a character.
        hidden: units of the LSTM.

    Returns:
        float32 [batch, hidden].
    """
    table = tf.compat.v1.get_variable(
        "embedding", [alphabet_size, embedding], initializer=tf.compat.v1.random_normal_initializer()
    )
    kernel = tf.compat.v1.get_variable(
        "lstm/kernel",
        [embedding + hidden, 4 * hidden],
        initializer=tf.compat.v1.random_uniform_initializer(-(hidden**-0.5), hidden**-0.5),
    )
    bias = tf.compat.v1.get_variable("lstm/bias", [4 * hidden], initializer=tf.compat.v1.zeros_initializer())
    trie = make_trie(characters, lengths)
    return lstm(tf.gather(table, trie.characters), kernel, bias, trie)
