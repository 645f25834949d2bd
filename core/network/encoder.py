"""Reads words character by character: embedding and LSTM."""

import tensorflow as tf

from core.network.lstm import lstm
from core.network.trie import make_trie

_WORTH_A_PROCESSOR = 1 << 13  # units times words; with less, two processors wait for each other longer than they save


def parts_of_batch(batch_size: int, hidden: int) -> int:
    """Choose in how many parts the words of a training batch are read; as many processors can work at once.

    The choice depends on the arguments alone, never on the machine: sums over the words of each part have other last
    bits than sums over all words.

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
    """Read words and return the state of the LSTM after the last character of each.

    Args:
        characters: int32 [batch, time], ids below alphabet_size. Words in dictionary order are fastest, because the
            LSTM reads a shared beginning once. If the graph does not know the time axis, there is no gradient.
        lengths: int32 [batch], each 1..time.
        alphabet_size: how many ids there are.
        embedding: features of a character.
        hidden: units of the LSTM.
        parts: split the batch into this many parts, at most one a word, that can be read at once.

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
