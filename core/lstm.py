"""The LSTM over a trie: every beginning of words is read once, for all the words that begin so.

    [i, c~, f, o] = [x_t, h_t-1] W + b
    c_t = sigmoid(f + FORGET_BIAS) * c_t-1 + sigmoid(i) * tanh(c~)
    h_t = sigmoid(o) * tanh(c_t)

(S. Hochreiter, J. Schmidhuber: Long Short-Term Memory, 1997, with the forget gate of F. Gers et al., 2000.)
A level of the trie is one call of a fused kernel. TensorFlow's kernels for whole sequences read what words share once
for each of them, and make the gradient of W by a product for each step, where here it is one for all.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from core.trie import Trie

FORGET_BIAS = 1.0
_ALIASING, _SPARE = 128, 4  # units
_UNROLLED = 4  # levels that are written out in a step of a loop, whose own bookkeeping takes as long as a level
_FOR_GRADIENT = ("cs_prev", "i", "cs", "f", "o", "ci", "co")  # as the kernels call it
_KEPT = (*_FOR_GRADIENT, "h_prev", "h")

_States = dict[str, tf.TensorArray]  # _KEPT of each level, [nodes of the level, hidden]


def lstm(inputs: tf.Tensor, kernel: tf.Tensor | tf.Variable, bias: tf.Tensor | tf.Variable, trie: Trie) -> tf.Tensor:
    """Read the words of a trie: each node once, from the state of the node above it, the first level from zeros.

    Args:
        inputs: x of each node, float32 [nodes, inputs].
        kernel: W, float32 [inputs + hidden, 4 * hidden].
        bias: b, float32 [4 * hidden].
        trie: of the words.

    Returns:
        h after each word, float32 [batch, hidden].
    """
    hidden = bias.shape[0] // 4
    widened = _widened(kernel, bias) if hidden % _ALIASING == 0 else (tf.identity(kernel), tf.identity(bias))
    states = _read(inputs, *widened, trie)
    return tf.gather(states, trie.ends)[:, :hidden]


class _Cell(NamedTuple):
    """W and b, and what is computed with them on one level."""

    kernel: tf.Tensor
    bias: tf.Tensor

    @property
    def hidden(self) -> int:
        return int(self.bias.shape[0]) // 4

    def forward(self, x: tf.Tensor, cs_prev: tf.Tensor, h_prev: tf.Tensor) -> Any:
        """Read a character, from the states before."""
        return tf.raw_ops.LSTMBlockCell(
            x=x, cs_prev=cs_prev, h_prev=h_prev, **self._weights(), forget_bias=FORGET_BIAS, cell_clip=-1
        )

    def backward(self, x: tf.Tensor, kept: dict[str, tf.Tensor], dc: tf.Tensor, dh: tf.Tensor) -> Any:
        """Make the gradient of c before and of the sums in the gates, `cs_prev_grad` and `dicfo`."""
        h_prev = kept["cs_prev"]  # as of x, the kernel takes nothing but its shape
        return tf.raw_ops.LSTMBlockCellGrad(x=x, h_prev=h_prev, **kept, **self._weights(), cs_grad=dc, h_grad=dh)

    def _weights(self) -> dict[str, Any]:
        """Name the weights as the kernels do, which could have peepholes, too."""
        no_peephole = dict.fromkeys(("wci", "wcf", "wco"), tf.zeros([self.hidden]))
        return {"w": self.kernel, "b": self.bias, **no_peephole, "use_peephole": False}


class _Levels(NamedTuple):
    """How many nodes each level has, and what they have, their number a multiple of _UNROLLED.

    The levels that are missing to that come last, with a node each that no word has.
    """

    counts: tf.Tensor
    x: tf.TensorArray
    parents: tf.TensorArray


def _read(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, trie: Trie) -> tf.Tensor:
    """Return h of each node, [nodes, hidden]. What it is given are no variables: a custom gradient takes none."""
    nodes = tf.shape(inputs)[0]
    counts = tf.pad(trie.counts, [[0, -tf.size(trie.counts) % _UNROLLED]], constant_values=1)

    @tf.custom_gradient
    def read(inputs: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> Any:
        levels, cell = (
            _Levels(counts, *(_parted(each, counts) for each in (inputs, trie.parents))),
            _Cell(kernel, bias),
        )
        states = _go_down(levels, cell)

        def gradient(dh: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            d_gates = _go_up(levels, cell, states, _parted(dh, counts))[:nodes]
            read_by_gates = inputs, states["h_prev"].concat()[:nodes]
            d_kernel = tf.concat([tf.matmul(part, d_gates, transpose_a=True) for part in read_by_gates], axis=0)
            d_inputs = tf.matmul(d_gates, kernel[: inputs.shape[1]], transpose_b=True)
            return d_inputs, d_kernel, tf.reduce_sum(d_gates, axis=0)

        return states["h"].concat()[:nodes], gradient

    return read(inputs, kernel, bias)


def _go_down(levels: _Levels, cell: _Cell) -> _States:
    """Compute what is _KEPT of each level."""

    def step(level: tf.Tensor, c: tf.Tensor, h: tf.Tensor, states: _States) -> Any:
        above = levels.parents.read(level)
        before = {"cs_prev": tf.gather(c, above), "h_prev": tf.gather(h, above)}
        after = cell.forward(levels.x.read(level), **before)._asdict()
        computed = before | after
        states = {name: array.write(level, computed[name]) for name, array in states.items()}
        return level + 1, after["cs"], after["h"], states

    count = tf.size(levels.counts)
    root = tf.zeros([1, cell.hidden])
    empty = {name: _empty(count, [cell.hidden]) for name in _KEPT}
    *_, states = _loop(lambda level, *_: level < count, step, (0, root, root, empty))
    return states


def _go_up(levels: _Levels, cell: _Cell, states: _States, dh: tf.TensorArray) -> tf.Tensor:
    """Return the gradient of the sums in the gates, [nodes, 4 * hidden], from that of each h that is used outside."""
    to_h = tf.transpose(cell.kernel[-cell.hidden :])
    count = tf.size(levels.counts)
    counts_above = tf.TensorArray(tf.int32, count, element_shape=[], clear_after_read=False)
    counts_above = counts_above.unstack(tf.concat([[1], levels.counts[:-1]], axis=0))

    def step(level: tf.Tensor, dc_below: tf.Tensor, dh_below: tf.Tensor, d_gates: tf.TensorArray) -> Any:
        computed = {name: states[name].read(level) for name in _FOR_GRADIENT}
        before = cell.backward(levels.x.read(level), computed, dc_below, dh_below + dh.read(level))
        dc_above, dh_above = (
            tf.math.unsorted_segment_sum(part, levels.parents.read(level), counts_above.read(level))
            for part in (before.cs_prev_grad, before.dicfo @ to_h)
        )
        return level - 1, dc_above, dh_above, d_gates.write(level, before.dicfo)

    below = tf.zeros([levels.counts[-1], cell.hidden])
    empty = _empty(count, [4 * cell.hidden])
    *_, d_gates = _loop(lambda level, *_: level >= 0, step, (count - 1, below, below, empty))
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


def _parted(values: tf.Tensor, counts: tf.Tensor) -> tf.TensorArray:
    """Part what nodes have, [nodes, ...], into levels; the nodes that are missing to their counts have zeros."""
    missing = tf.reduce_sum(counts) - tf.shape(values)[0]
    filled = tf.pad(values, [[0, missing], *([0, 0] for _ in values.shape[1:])])
    return _empty(tf.size(counts), values.shape[1:], values.dtype).split(filled, counts)


def _empty(count: tf.Tensor, shape: Any, dtype: tf.DType = tf.float32) -> tf.TensorArray:
    """Make an array of levels, [nodes of the level, *shape] each."""
    shape = [None, *shape]
    return tf.TensorArray(dtype, size=count, element_shape=shape, infer_shape=False, clear_after_read=False)


def _loop(condition: Any, step: Any, start: tuple[Any, tf.Tensor, tf.Tensor, Any]) -> Any:
    """Go through levels with two states, [nodes of the level, hidden], and arrays of all levels."""

    def steps(*variables: Any) -> Any:
        for _ in range(_UNROLLED):
            variables = step(*variables)
        return variables

    of_nodes = tf.TensorShape([None, start[1].shape[1]])
    arrays = tf.nest.map_structure(lambda _: tf.TensorShape(None), start[3])
    shapes = (tf.TensorShape([]), of_nodes, of_nodes, arrays)
    return tf.while_loop(condition, steps, start, shape_invariants=shapes, parallel_iterations=1)
