"""Measures forward and backward through the LSTM against Keras' LSTM: `python -m tests.benchmarks.lstm`.

Both read the same random words, of which none begins as another does, in this network's sizes, one thread each, in
turn: what is gained here comes from the kernel alone, and none of it from what words share.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.quiet import import_tensorflow
from tests.benchmarks.pairs import make_parser

_BATCH, _TIME, _CHARACTERS, _INPUTS, _HIDDEN = 32, 25, 40, 16, 64
_STEPS, _PAIRS = 100, 7


def main() -> None:
    """Print milliseconds a step of each, and the median of their ratios."""
    make_parser("tests.benchmarks.lstm", __doc__).parse_args()
    import_tensorflow()
    pairs = []
    ours, keras = _make_step(_ours), _make_step(_keras)
    for _ in range(_PAIRS):
        pairs.append((_milliseconds(ours), _milliseconds(keras)))
    for name, values in (("this LSTM", [pair[0] for pair in pairs]), ("Keras LSTM", [pair[1] for pair in pairs])):
        print(f"{name:<11} {statistics.median(values):6.2f} ms a step  ({min(values):.2f} to {max(values):.2f})")
    print(f"ratio       {statistics.median(b / a for a, b in pairs):6.2f}")


def _make_step(build: Callable[[Any, Any], Any]) -> Callable[[], Any]:
    """Make a function that computes the gradient of the squared last states once."""
    import tensorflow as tf

    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        table = tf.compat.v1.get_variable(
            "table", [_CHARACTERS, _INPUTS], initializer=tf.compat.v1.random_normal_initializer()
        )
        characters = np.random.default_rng(1).integers(0, _CHARACTERS, [_BATCH, _TIME])
        characters[:, 0] = np.arange(_BATCH)
        loss = tf.reduce_sum(build(table, tf.constant(characters, tf.int32)) ** 2)
        gradients = tf.gradients(loss, tf.compat.v1.trainable_variables())
        one_thread = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        session = tf.compat.v1.Session(config=one_thread)
        session.run(tf.compat.v1.global_variables_initializer())
    return lambda: session.run(gradients)  # fetched: TensorFlow prunes what nobody looks at


def _ours(table: Any, characters: Any) -> Any:
    import tensorflow as tf

    from core.lstm import lstm
    from core.trie import make_trie

    kernel = tf.compat.v1.get_variable("kernel", [_INPUTS + _HIDDEN, 4 * _HIDDEN])
    bias = tf.compat.v1.get_variable("bias", [4 * _HIDDEN])
    trie = make_trie(characters, tf.fill([_BATCH], _TIME))
    return lstm(tf.gather(table, trie.characters), kernel, bias, trie)


def _keras(table: Any, characters: Any) -> Any:
    import tensorflow as tf

    return tf.keras.layers.LSTM(_HIDDEN)(tf.gather(table, characters))


def _milliseconds(step: Callable[[], Any]) -> float:
    step()
    start = time.process_time()
    for _ in range(_STEPS):
        step()
    return (time.process_time() - start) / _STEPS * 1e3


if __name__ == "__main__":
    main()
