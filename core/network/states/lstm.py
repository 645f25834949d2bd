"""The LSTM over a trie: it reads a prefix once for all words that share it.

    [i, c~, f, o] = [x_t, h_t-1] W + b
    c_t = sigmoid(f + FORGET_BIAS) * c_t-1 + sigmoid(i) * tanh(c~)
    h_t = sigmoid(o) * tanh(c_t)

(S. Hochreiter, J. Schmidhuber: Long Short-Term Memory, 1997, with the forget gate of F. Gers et al., 2000.)
One call of a fused kernel reads a level of the trie. TensorFlow's kernels for whole sequences read a shared prefix
again for each word, and compute the gradient of W with a product per step; here one product covers all steps.

The levels are unrolled in the graph, because the bookkeeping of a loop costs as much as a small level. If the graph
does not know the number of levels, as in an export that reads any word, a loop reads them, without a gradient.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from core.network.states.trie import Trie

FORGET_BIAS = 1.0
_ALIASING, _SPARE = 128, 4  # units


def lstm(inputs: tf.Tensor, kernel: tf.Tensor | tf.Variable, bias: tf.Tensor | tf.Variable, trie: Trie) -> tf.Tensor:
    """Read the words of a trie: each node once, from the state of its parent; the first level starts from zeros.

    Args:
        inputs: x of each node, float32 [nodes, inputs].
        kernel: W, float32 [inputs + hidden, 4 * hidden].
        bias: b, float32 [4 * hidden].
        trie: of the words.

    Returns:
        h of each node, float32 [nodes, hidden].

    Raises:
        ValueError: if a gradient is asked for and the graph does not know the time axis.
    """
    hidden = bias.shape[0] // 4
    widened = _widened(kernel, bias) if hidden % _ALIASING == 0 else (tf.identity(kernel), tf.identity(bias))
    read = _read_any_depth if trie.counts.shape[0] is None else _read
    return read(inputs, *widened, trie)[:, :hidden]


class _Level(NamedTuple):
    """The inputs and results of the kernel for a level, each [nodes of the level, ...].

    The names in `before` and `after` are those of the kernel.
    """

    parents: tf.Tensor
    before: Mapping[str, tf.Tensor]
    after: Any


class _Cell:
    """W and b, and the kernels that apply them to one level."""

    def __init__(self, kernel: tf.Tensor, bias: tf.Tensor) -> None:
        self.kernel = kernel
        self.hidden = bias.shape[0] // 4
        no_peephole = dict.fromkeys(("wci", "wcf", "wco"), tf.zeros([self.hidden]))
        self._weights = {"w": kernel, "b": bias, **no_peephole, "use_peephole": False}  # the kernel's names

    def forward(self, x: tf.Tensor, parents: tf.Tensor, c: tf.Tensor, h: tf.Tensor) -> _Level:
        """Read the characters of a level from the states of the level above."""
        before = {"x": x, "cs_prev": tf.gather(c, parents), "h_prev": tf.gather(h, parents)}
        after = tf.raw_ops.LSTMBlockCell(**before, **self._weights, forget_bias=FORGET_BIAS, cell_clip=-1)
        return _Level(parents, before, after)

    def backward(self, level: _Level, dc: tf.Tensor, dh: tf.Tensor) -> Any:
        """Return the gradients of the previous c and of the gates' pre-activations, `cs_prev_grad` and `dicfo`."""
        kept = {name: value for name, value in level.after._asdict().items() if name != "h"}
        return tf.raw_ops.LSTMBlockCellGrad(**level.before, **kept, **self._weights, cs_grad=dc, h_grad=dh)


def _read(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, trie: Trie) -> tf.Tensor:
    """Return h of each node, [nodes, hidden]; kernel and bias must not be variables, for the custom gradient."""

    @tf.custom_gradient
    def read(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> Any:
        cell = _Cell(kernel, bias)
        levels = _go_down(_split_levels(inputs, trie), _split_levels(trie.parents, trie), cell)

        def gradient(dh: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            d_gates = _go_up(levels, _split_levels(dh, trie), tf.unstack(trie.counts), cell)
            read_by_gates = inputs, tf.concat([level.before["h_prev"] for level in levels], axis=0)
            d_kernel = tf.concat([tf.matmul(part, d_gates, transpose_a=True) for part in read_by_gates], axis=0)
            d_inputs = tf.matmul(d_gates, kernel[: inputs.shape[1]], transpose_b=True)
            return d_inputs, d_kernel, tf.reduce_sum(d_gates, axis=0)

        return tf.concat([level.after.h for level in levels], axis=0), gradient

    return read(inputs, kernel, bias)


def _read_any_depth(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, trie: Trie) -> tf.Tensor:
    """Return the same as _read, for a number of levels that the graph does not know."""
    cell = _Cell(kernel, bias)
    ends = tf.cumsum(trie.counts)

    def step(level: tf.Tensor, c: tf.Tensor, h: tf.Tensor, states: tf.TensorArray) -> Any:
        nodes = slice(ends[level] - trie.counts[level], ends[level])
        after = cell.forward(inputs[nodes], trie.parents[nodes], c, h).after
        return level + 1, after.cs, after.h, states.write(level, after.h)

    depth = tf.size(trie.counts)
    root = tf.zeros([1, cell.hidden])
    states = tf.TensorArray(tf.float32, depth, infer_shape=False, element_shape=[None, cell.hidden])
    start = (0, root, root, states)
    any_nodes = tf.TensorShape([None, cell.hidden])
    shapes = (tf.TensorShape([]), any_nodes, any_nodes, tf.TensorShape(None))
    *_, states = tf.while_loop(lambda level, *_: level < depth, step, start, shapes, parallel_iterations=1)
    return _without_gradient(states.concat())


@tf.custom_gradient
def _without_gradient(states: tf.Tensor) -> Any:
    def gradient(_: tf.Tensor) -> Any:
        raise ValueError("the graph must know the time of characters, [batch, time], to learn from them")

    return tf.identity(states), gradient


def _split_levels(values: tf.Tensor, trie: Trie) -> list[tf.Tensor]:
    """Split values of nodes, [nodes, ...], into levels."""
    levels: list[tf.Tensor] = tf.split(values, trie.counts, num=trie.counts.shape[0])
    return levels


def _go_down(inputs: Sequence[tf.Tensor], parents: Sequence[tf.Tensor], cell: _Cell) -> list[_Level]:
    """Read level by level, from the root down."""
    levels: list[_Level] = []
    c = h = tf.zeros([1, cell.hidden])
    for x, above in zip(inputs, parents, strict=True):
        levels.append(cell.forward(x, above, c, h))
        c, h = levels[-1].after.cs, levels[-1].after.h
    return levels


def _go_up(levels: Sequence[_Level], dh: Sequence[tf.Tensor], counts: Sequence[tf.Tensor], cell: _Cell) -> tf.Tensor:
    """Return the gradient of the gates' pre-activations, [nodes, 4 * hidden], from that of each h used outside."""
    to_h = tf.transpose(cell.kernel)[:, -cell.hidden :]  # slice last, or TensorFlow transposes again for each product
    d_gates: list[tf.Tensor] = []
    dc_below = dh_below = tf.zeros([counts[-1], cell.hidden])
    for level, dh_outside, count_above in zip(levels[::-1], dh[::-1], [1, *counts[:-1]][::-1], strict=True):
        before = cell.backward(level, dc_below, dh_outside + dh_below)
        d_gates.append(before.dicfo)
        dc_below, dh_below = (
            tf.math.unsorted_segment_sum(part, level.parents, count_above)
            for part in (before.cs_prev_grad, before.dicfo @ to_h)
        )
    return tf.concat(d_gates[::-1], axis=0)


def _widened(kernel: tf.Tensor, bias: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Add units with zero weights, which stay 0 and change nothing.

    Rows whose length is a power of two map to the same few cache lines: products with 256 units take 1.5 times as
    long as products with 260.
    """
    hidden = bias.shape[0] // 4
    gates = tf.pad(tf.reshape(kernel, [-1, 4, hidden]), [[0, _SPARE], [0, 0], [0, _SPARE]])
    biases = tf.pad(tf.reshape(bias, [4, hidden]), [[0, 0], [0, _SPARE]])
    width = 4 * (hidden + _SPARE)
    return tf.reshape(gates, [kernel.shape[0] + _SPARE, width]), tf.reshape(biases, [width])
