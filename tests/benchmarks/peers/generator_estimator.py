"""The first Estimator code for this task: a Python generator of single words, padded_batch and dynamic_rnn."""

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from tests.benchmarks.peers.job import CONFIG, Job, Meter, read_job

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def make_generator_dataset(words: Sequence[str], even: Sequence[int], batch: int) -> Any:
    """Make batches of (ids, length, label); the generator draws 100 words at a time and yields them one by one."""
    import tensorflow as tf

    letters = {letter: place + 1 for place, letter in enumerate(sorted(set("".join(words))))}

    def draw() -> Iterator[tuple[list[int], int, int]]:
        while True:
            for place in random.choices(range(len(words)), k=100):
                yield [letters[letter] for letter in words[place]], len(words[place]), even[place]

    kinds: Any = (tf.int32, tf.int32, tf.int32)
    shapes: Any = ([None], [], [])
    return tf.data.Dataset.from_generator(draw, kinds, shapes).padded_batch(batch, shapes).prefetch(1)


def main(job: Job) -> None:
    """Train until the time is over."""
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    words, even = job.words()
    meter, size = Meter(job), len(set("".join(words))) + 1

    def input_fn() -> Any:
        dataset = make_generator_dataset(words, even, job.batch)
        return dataset.map(lambda ids, length, value: ({"characters": ids, "lengths": length}, value))

    def model_fn(features: Any, labels: Any, mode: str) -> Any:
        table = tf.compat.v1.get_variable("embedding", [size, CONFIG["embedding"]])
        cell = tf.compat.v1.nn.rnn_cell.LSTMCell(job.hidden)
        embedded = tf.nn.embedding_lookup(table, features["characters"])
        _, state = tf.compat.v1.nn.dynamic_rnn(cell, embedded, features["lengths"], dtype=tf.float32)
        kernel = tf.compat.v1.get_variable("kernel", [job.hidden, 2])
        loss = tf.compat.v1.losses.sparse_softmax_cross_entropy(labels, tf.matmul(state.h, kernel))
        optimizer = tf.compat.v1.train.AdamOptimizer(CONFIG["learning_rate"])
        gradients, variables = zip(*optimizer.compute_gradients(loss), strict=True)
        clipped, _ = tf.clip_by_global_norm(gradients, 1.0)
        step = tf.compat.v1.train.get_global_step()
        update = optimizer.apply_gradients(zip(clipped, variables, strict=True), global_step=step)
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=update)

    class MeterHook(tf.estimator.SessionRunHook):
        def after_run(self, run_context: Any, run_values: Any) -> None:
            if meter.step():
                run_context.request_stop()

    with tempfile.TemporaryDirectory() as model_dir:
        threads = tf.compat.v1.ConfigProto(
            intra_op_parallelism_threads=job.threads, inter_op_parallelism_threads=job.threads
        )
        config = tf.estimator.RunConfig(model_dir=model_dir, session_config=threads)
        tf.estimator.Estimator(model_fn, config=config).train(input_fn, hooks=[MeterHook()])
    meter.report()


if __name__ == "__main__":
    main(read_job())
