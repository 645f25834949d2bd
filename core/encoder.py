"""Reads words character by character: embedding and LSTM."""

import tensorflow as tf

from core.lstm import lstm
from core.trie import make_trie

_WORTH_A_PROCESSOR = 1 << 13  # units times words; below, what two processors have to tell each other costs more


def parts_of_batch(batch_size: int, hidden: int) -> int:
    """Choose in how many parts the words of a training batch are read, which as many processors can do at once.

    It depends on nothing but its arguments: sums over the words of each part have other last bits than those over all.

    Args:
        batch_size: words in a batch.
        hidden: units of the LSTM.

    Returns:
        1 or 2.
    """
    return 2 if batch_size // 2 * hidden >= _WORTH_A_PROCESSOR else 1


def encode_word(
    characters: tf.Tensor, lengths: tf.Tensor, *, alphabet_size: int, embedding: int, hidden: int, parts: int = 1
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
        parts: of the batch, at most as many as it has words, each read by itself, so that they can be read at once.

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

    def read(characters: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        trie = make_trie(characters, lengths)
        return lstm(tf.gather(table, trie.characters), kernel, bias, trie)

    if parts == 1:
        return read(characters, lengths)
    words = tf.size(lengths)
    sizes = [(part + 1) * words // parts - part * words // parts for part in range(parts)]
    shares = zip(tf.split(characters, sizes), tf.split(lengths, sizes), strict=True)
    return tf.concat([read(*share) for share in shares], axis=0)
