"""The LSTM over a trie: every beginning of words is read once, for all the words that begin so.

    [i, c~, f, o] = [x_t, h_t-1] W + b
    c_t = sigmoid(f + FORGET_BIAS) * c_t-1 + sigmoid(i) * tanh(c~)
    h_t = sigmoid(o) * tanh(c_t)

(S. Hochreiter, J. Schmidhuber: Long Short-Term Memory, 1997, with the forget gate of F. Gers et al., 2000.)
A level of the trie is one call of a fused kernel. TensorFlow's kernels for whole sequences read what words share once
for each of them, and make the gradient of W by a product for each step, where here it is one for all.
"""

from typing import Any

import tensorflow as tf

from core.trie import Trie

FORGET_BIAS = 1.0
_ALIASING, _SPARE = 128, 4  # units
_KEPT = ("cs_prev", "h_prev", "i", "cs", "f", "o", "ci", "co", "h")  # of each level, as the kernels call them


def lstm(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, trie: Trie) -> tf.Tensor:
    """Read all nodes of a trie, each from the state of the node above it, the first level from zeros.

    Args:
        inputs: x of each node, float32 [nodes, inputs].
        kernel: W, float32 [inputs + hidden, 4 * hidden].
        bias: b, float32 [4 * hidden].
        trie: of the words.

    Returns:
        h of each node, float32 [nodes, hidden].
    """
    hidden = bias.shape[0] // 4
    if hidden % _ALIASING == 0:
        kernel, bias = _widened(kernel, bias)

    @tf.custom_gradient
    def read(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> Any:
        x, parents = _by_level(inputs, trie), _by_level(trie.parents, trie)
        kept = _forward(x, parents, kernel, bias, trie)

        def gradient(dh: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            d_gates = _backward(_by_level(dh, trie), x, parents, kept, kernel, bias, trie)
            d_kernel = [tf.matmul(part, d_gates, transpose_a=True) for part in (inputs, kept["h_prev"].concat())]
            d_inputs = tf.matmul(d_gates, kernel[: inputs.shape[1]], transpose_b=True)
            return d_inputs, tf.concat(d_kernel, axis=0), tf.reduce_sum(d_gates, axis=0)

        return kept["h"].concat(), gradient

    return read(inputs, kernel, bias)[:, :hidden]


def _forward(
    x: tf.TensorArray, parents: tf.TensorArray, kernel: tf.Tensor, bias: tf.Tensor, trie: Trie
) -> dict[str, tf.TensorArray]:
    """Go down the trie and keep what each level has computed."""
    hidden, weights = bias.shape[0] // 4, _weights(kernel, bias)

    def step(level: tf.Tensor, c: tf.Tensor, h: tf.Tensor, kept: dict[str, tf.TensorArray]) -> Any:
        above = parents.read(level)
        before = {"cs_prev": tf.gather(c, above), "h_prev": tf.gather(h, above)}
        after = tf.raw_ops.LSTMBlockCell(
            x=x.read(level), **before, **weights, forget_bias=FORGET_BIAS, cell_clip=-1
        )._asdict()
        computed = before | after
        kept = {name: array.write(level, computed[name]) for name, array in kept.items()}
        return level + 1, after["cs"], after["h"], kept

    levels = tf.size(trie.counts)
    root = tf.zeros([1, hidden])
    empty = {name: _empty(levels, [hidden]) for name in _KEPT}
    *_, kept = _loop(lambda level, *_: level < levels, step, (0, root, root, empty))
    return kept


def _backward(
    dh: tf.TensorArray,
    x: tf.TensorArray,
    parents: tf.TensorArray,
    kept: dict[str, tf.TensorArray],
    kernel: tf.Tensor,
    bias: tf.Tensor,
    trie: Trie,
) -> tf.Tensor:
    """Go up the trie, and return the gradient with respect to the sums in the gates, [nodes, 4 * hidden].

    Args:
        dh: of each level, the gradient that comes from where its h is used outside, [nodes of the level, hidden].
        x: inputs of each level.
        parents: of each level.
        kept: of each level, by the way down.
        kernel: W.
        bias: b.
        trie: of the words.
    """
    hidden, weights = bias.shape[0] // 4, _weights(kernel, bias)
    to_h = tf.transpose(kernel[-hidden:])
    counts_above = tf.concat([[1], trie.counts[:-1]], axis=0)

    def step(level: tf.Tensor, dc_below: tf.Tensor, dh_below: tf.Tensor, d_gates: tf.TensorArray) -> Any:
        before = tf.raw_ops.LSTMBlockCellGrad(
            x=x.read(level),
            **{name: array.read(level) for name, array in kept.items() if name != "h"},
            **weights,
            cs_grad=dc_below,
            h_grad=dh_below + dh.read(level),
        )
        dc_above, dh_above = (
            tf.math.unsorted_segment_sum(part, parents.read(level), counts_above[level])
            for part in (before.cs_prev_grad, before.dicfo @ to_h)
        )
        return level - 1, dc_above, dh_above, d_gates.write(level, before.dicfo)

    levels = tf.size(trie.counts)
    below = tf.zeros([trie.counts[-1], hidden])
    empty = _empty(levels, [4 * hidden])
    *_, d_gates = _loop(lambda level, *_: level >= 0, step, (levels - 1, below, below, empty))
    return d_gates.concat()


def _widened(kernel: tf.Tensor, bias: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Add units without weights, which stay 0 and change nothing.

    Rows whose length is a power of two meet in the same few lines of a processor's cache: the products of 256 units
    take half as long again as those of 260.
    """
    hidden = bias.shape[0] // 4
    gates = tf.pad(tf.reshape(kernel, [-1, 4, hidden]), [[0, _SPARE], [0, 0], [0, _SPARE]])
    biases = tf.pad(tf.reshape(bias, [4, hidden]), [[0, 0], [0, _SPARE]])
    width = 4 * (hidden + _SPARE)
    return tf.reshape(gates, [kernel.shape[0] + _SPARE, width]), tf.reshape(biases, [width])


def _weights(kernel: tf.Tensor, bias: tf.Tensor) -> dict[str, Any]:
    """Name the weights as the kernels do, which could have peepholes, too."""
    no_peephole = tf.zeros([bias.shape[0] // 4])
    return {
        "w": kernel,
        "b": bias,
        **dict.fromkeys(("wci", "wcf", "wco"), no_peephole),
        "use_peephole": False,
    }


def _by_level(values: tf.Tensor, trie: Trie) -> tf.TensorArray:
    """Part what nodes have, [nodes, ...], into levels."""
    return _empty(tf.size(trie.counts), values.shape[1:], values.dtype).split(values, trie.counts)


def _empty(levels: tf.Tensor, shape: Any, dtype: tf.DType = tf.float32) -> tf.TensorArray:
    return tf.TensorArray(dtype, size=levels, element_shape=[None, *shape], infer_shape=False, clear_after_read=False)


def _loop(condition: Any, step: Any, start: tuple[Any, tf.Tensor, tf.Tensor, Any]) -> Any:
    """Go through levels with two states, [nodes of the level, hidden], and arrays of all levels."""
    of_nodes = tf.TensorShape([None, start[1].shape[1]])
    arrays = tf.nest.map_structure(lambda _: tf.TensorShape(None), start[3])
    shapes = (tf.TensorShape([]), of_nodes, of_nodes, arrays)
    return tf.while_loop(condition, step, start, shape_invariants=shapes, parallel_iterations=1)
