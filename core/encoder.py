"""Reads a word character by character: embedding and LSTM."""

import tensorflow as tf

FORGET_BIAS = 1.0


def encode_word(
    characters: tf.Tensor, lengths: tf.Tensor, *, alphabet_size: int, embedding: int, hidden: int
) -> tf.Tensor:
    """Read words and return what the LSTM holds after the last character of each.

    Args:
        characters: int32 [batch, time], ids below alphabet_size.
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
    embedded = tf.gather(table, tf.transpose(characters))
    states = lstm(embedded, kernel, bias, tf.reduce_max(lengths))
    last = tf.stack([lengths - 1, tf.range(tf.shape(lengths)[0])], axis=1)
    return tf.gather_nd(states, last)


def lstm(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """Run an LSTM over a batch of sequences, from a state of zeros.

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

    Returns:
        h, float32 [time, batch, hidden].
    """
    hidden = bias.shape[0] // 4
    zero_state = tf.zeros([tf.shape(inputs)[1], hidden])
    no_peephole = tf.zeros([hidden])
    return tf.raw_ops.BlockLSTM(
        seq_len_max=tf.cast(steps, tf.int64),
        x=inputs,
        cs_prev=zero_state,
        h_prev=zero_state,
        w=kernel,
        wci=no_peephole,
        wcf=no_peephole,
        wco=no_peephole,
        b=bias,
        forget_bias=FORGET_BIAS,
        cell_clip=-1,
        use_peephole=False,
    ).h
