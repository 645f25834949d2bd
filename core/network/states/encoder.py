"""Reads words character by character: embedding and LSTM."""

import tensorflow as tf

from core.network.states.lstm import lstm
from core.network.states.reading import Reading, join
from core.network.states.trie import make_trie
from core.network.states.windows import make_windows

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


def encode_words(
    characters: tf.Tensor,
    lengths: tf.Tensor,
    *,
    alphabet_size: int,
    embedding: int,
    hidden: int,
    memory: int | None = None,
    parts: int = 1,
) -> Reading:
    """Read words with an LSTM.

    Args:
        characters: int32 [batch, time], ids below alphabet_size, in the order of reading. Words in dictionary order
            are fastest, because the LSTM reads a shared beginning once. If the graph does not know the time axis,
            there is no gradient.
        lengths: int32 [batch], each 1..time.
        alphabet_size: how many ids there are.
        embedding: features of a character.
        hidden: units of the LSTM.
        memory: the state after a character depends on this many characters only, the last ones: the LSTM reads each
            window of that length from zeros. None: it depends on all characters before.
        parts: split the batch into this many parts, at most one a word, that can be read at once.
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

    def read_all(characters: tf.Tensor, lengths: tf.Tensor) -> Reading:
        trie = make_trie(characters, lengths)
        nodes = lstm(tf.gather(table, trie.characters), kernel, bias, trie)
        return Reading(nodes, trie.paths, lengths, tf.gather(nodes, trie.ends))

    def read_windows(characters: tf.Tensor, lengths: tf.Tensor, memory: int) -> Reading:
        windows = make_windows(characters, lengths, memory=memory)
        trie = make_trie(windows.characters, tf.fill([tf.shape(windows.characters)[0]], memory))
        nodes = tf.gather(lstm(tf.gather(table, trie.characters), kernel, bias, trie), trie.ends)
        ends = tf.gather(windows.paths, lengths - 1, batch_dims=1)
        return Reading(nodes, windows.paths, lengths, tf.gather(nodes, ends))

    words = tf.size(lengths)
    sizes = [(part + 1) * words // parts - part * words // parts for part in range(parts)]
    shares = [(characters, lengths)]
    if parts > 1:
        shares = list(zip(tf.split(characters, sizes), tf.split(lengths, sizes), strict=True))
    return join([read_all(*share) if memory is None else read_windows(*share, memory) for share in shares])
