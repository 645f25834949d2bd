"""Measures a training step with the fused LSTM kernel against Keras' LSTM: `python -m tests.benchmarks.lstm`.

Both read the same batches of German number words in this network's sizes, one thread each, in turn.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from experiments.quiet import import_tensorflow

_BATCH, _TIME, _INPUTS, _HIDDEN = 32, 25, 16, 64
_STEPS, _PAIRS = 100, 7


def main() -> None:
    """Print milliseconds a step of each, and the median of their ratios."""
    import_tensorflow()
    pairs = []
    fused, keras = _make_step(_fused), _make_step(_keras)
    for _ in range(_PAIRS):
        pairs.append((_milliseconds(fused), _milliseconds(keras)))
    for name, values in (("BlockLSTM", [pair[0] for pair in pairs]), ("Keras LSTM", [pair[1] for pair in pairs])):
        print(f"{name:<11} {statistics.median(values):6.2f} ms a step  ({min(values):.2f} to {max(values):.2f})")
    print(f"ratio       {statistics.median(b / a for a, b in pairs):6.2f}")


def _make_step(build: Callable[[Any], Any]) -> Callable[[], Any]:
    """Make a function that computes the gradient of the squared last states once."""
    import tensorflow as tf

    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        inputs = tf.compat.v1.get_variable(
            "inputs", [_BATCH, _TIME, _INPUTS], initializer=tf.compat.v1.random_normal_initializer()
        )
        loss = tf.reduce_sum(build(inputs) ** 2)
        gradients = tf.gradients(loss, tf.compat.v1.trainable_variables())
        one_thread = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        session = tf.compat.v1.Session(config=one_thread)
        session.run(tf.compat.v1.global_variables_initializer())
    return lambda: session.run(gradients)  # fetched: TensorFlow prunes what nobody looks at


def _fused(inputs: Any) -> Any:
    import tensorflow as tf

    from core.encoder import lstm, no_states

    kernel = tf.compat.v1.get_variable("kernel", [_INPUTS + _HIDDEN, 4 * _HIDDEN])
    bias = tf.compat.v1.get_variable("bias", [4 * _HIDDEN])
    return lstm(
        tf.transpose(inputs, [1, 0, 2]), kernel, bias, tf.constant(_TIME), no_states(tf.constant(_BATCH), _HIDDEN)
    ).h[-1]


def _keras(inputs: Any) -> Any:
    import tensorflow as tf

    return tf.keras.layers.LSTM(_HIDDEN)(inputs)


def _milliseconds(step: Callable[[], Any]) -> float:
    step()
    start = time.process_time()
    for _ in range(_STEPS):
        step()
    return (time.process_time() - start) / _STEPS * 1e3


if __name__ == "__main__":
    main()
