"""Measures forward and backward passes through the LSTM against Keras' LSTM.

    python -m tests.benchmarks.lstm [--pairs 7] [--steps 100]

Both read the same random words in the default sizes of the network, with one thread each, in turn. No two words begin
with the same character, so the difference comes from the kernel alone and not from shared beginnings.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.pipeline.tensorflow import import_tensorflow
from tests.benchmarks.measuring.arguments import make_parser, read_arguments

_BATCH, _TIME, _CHARACTERS, _INPUTS, _HIDDEN = 32, 25, 40, 16, 64


def main() -> None:
    """Print milliseconds a step of each, and the median of their ratios."""
    parser = make_parser("tests.benchmarks.lstm", __doc__)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--steps", type=int, default=100)
    arguments = read_arguments(parser, tiny={"pairs": 1, "steps": 2})
    import_tensorflow()
    ours, keras = _make_step(_ours), _make_step(_keras)
    pairs = [
        (_milliseconds(ours, arguments.steps), _milliseconds(keras, arguments.steps)) for _ in range(arguments.pairs)
    ]
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
    return lambda: session.run(gradients)  # fetched, because TensorFlow prunes what is not fetched


def _ours(table: Any, characters: Any) -> Any:
    import tensorflow as tf

    from core.network.states.lstm import lstm
    from core.network.states.trie import make_trie

    kernel = tf.compat.v1.get_variable("kernel", [_INPUTS + _HIDDEN, 4 * _HIDDEN])
    bias = tf.compat.v1.get_variable("bias", [4 * _HIDDEN])
    trie = make_trie(characters, tf.fill([_BATCH], _TIME))
    return lstm(tf.gather(table, trie.characters), kernel, bias, trie)


def _keras(table: Any, characters: Any) -> Any:
    import tensorflow as tf

    return tf.keras.layers.LSTM(_HIDDEN)(tf.gather(table, characters))


def _milliseconds(step: Callable[[], Any], steps: int) -> float:
    step()
    start = time.process_time()
    for _ in range(steps):
        step()
    return (time.process_time() - start) / steps * 1e3


if __name__ == "__main__":
    main()
