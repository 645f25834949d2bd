"""Reads a word character by character: embedding and LSTM."""

from typing import NamedTuple

import tensorflow as tf

FORGET_BIAS = 1.0


class States(NamedTuple):
    """What an LSTM holds.

    Attributes:
        c: of the cells, float32 [batch, hidden], or [time, batch, hidden] of all steps.
        h: of the outputs, likewise.
    """

    c: tf.Tensor
    h: tf.Tensor


def encode_word(
    characters: tf.Tensor,
    lengths: tf.Tensor,
    *,
    shared: tf.Tensor | None,
    alphabet_size: int,
    embedding: int,
    hidden: int,
) -> tf.Tensor:
    """Read words and return what the LSTM holds after the last character of each.

    Where a batch says that words of it begin alike, each distinct beginning is read once, and every word goes on from
    the state after its own: the same function, for less work.

    Args:
        characters: int32 [batch, time], ids below alphabet_size.
        lengths: int32 [batch], each 1..time.
        shared: int32 [], how many characters are the beginning, less than the shortest length; None is 0.
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

    def read(part: tf.Tensor, steps: tf.Tensor, start: States) -> States:
        return lstm(tf.gather(table, tf.transpose(part)), kernel, bias, steps, start)

    start = no_states(tf.shape(characters)[0], hidden)
    if shared is not None:
        beginnings, which = tf.raw_ops.UniqueV2(x=characters[:, :shared], axis=[0])
        empty = no_states(tf.shape(beginnings)[0], hidden)
        begun = read(beginnings, shared, empty)
        after = [tf.concat([[first], states], axis=0)[shared] for first, states in zip(empty, begun, strict=True)]
        start = States(*(tf.gather(states, which) for states in after))
        characters, lengths = characters[:, shared:], lengths - shared
    states = read(characters, tf.reduce_max(lengths), start).h
    last = tf.stack([lengths - 1, tf.range(tf.shape(lengths)[0])], axis=1)
    return tf.gather_nd(states, last)


def no_states(batch: tf.Tensor, hidden: int) -> States:
    """Make the states before anything was read, zeros: float32 [batch, hidden]."""
    zeros = tf.zeros([batch, hidden])
    return States(zeros, zeros)


def lstm(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, steps: tf.Tensor, start: States) -> States:
    """Run an LSTM over a batch of sequences.

        [i, c~, f, o] = [x_t, h_t-1] W + b
        c_t = sigmoid(f + FORGET_BIAS) * c_t-1 + sigmoid(i) * tanh(c~)
        h_t = sigmoid(o) * tanh(c_t)

    (S. Hochreiter, J. Schmidhuber: Long Short-Term Memory, 1997, with the forget gate of F. Gers et al., 2000.)
    It is one fused kernel. BlockLSTM is not the newest of its kind: the gradient of BlockLSTMV2 is wrong,
    the one of this is held to an unrolled reference by a test.

    Args:
        inputs: float32 [time, batch, inputs].
        kernel: float32 [inputs + hidden, 4 * hidden], W.
        bias: float32 [4 * hidden], b.
        steps: int32 [], how many steps to run, at most time; the states after them are 0.
        start: c_0 and h_0, float32 [batch, hidden].

    Returns:
        c and h, float32 [time, batch, hidden].
    """
    no_peephole = tf.zeros([bias.shape[0] // 4])
    block = tf.raw_ops.BlockLSTM(
        seq_len_max=tf.cast(steps, tf.int64),
        x=inputs,
        cs_prev=start.c,
        h_prev=start.h,
        w=kernel,
        wci=no_peephole,
        wcf=no_peephole,
        wco=no_peephole,
        b=bias,
        forget_bias=FORGET_BIAS,
        cell_clip=-1,
        use_peephole=False,
    )
    return States(block.cs, block.h)
