"""A whole run in the first Estimator code: Python generator, padded_batch, dynamic_rnn, train and evaluate in turn.

python -m tests.benchmarks.peers.whole_estimator CONFIG
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from experiments.pipeline.costs import Phases
from tests.benchmarks.peers.whole_job import Config, Examples, draw_examples, read_config, report


def main(config: Config) -> None:
    """Train, and measure the best checkpoint on the test split."""
    phases = Phases({})
    phases.enter("import")
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    phases.enter("data")
    examples, size = draw_examples(config)
    phases.enter("training")
    with tempfile.TemporaryDirectory() as model_dir:
        run_config = tf.estimator.RunConfig(model_dir, tf_random_seed=config["seed"], keep_checkpoint_max=None)
        estimator = tf.estimator.Estimator(make_model_fn(config, size), config=run_config)
        best, steps = fit(estimator, config, examples)
        phases.enter("evaluation")
        measures = estimator.evaluate(make_input_fn(examples["test"], config, training=False), checkpoint_path=best)
    report(phases, accuracy=float(measures["accuracy"]), steps=steps)


def make_input_fn(examples: Examples, config: Config, *, training: bool) -> Callable[[], Any]:
    """Make batches of characters, lengths and labels: endless in random order, or one pass in one batch."""
    import tensorflow as tf

    pairs = list(zip(examples.characters, examples.even, strict=True))
    kinds: Any = (tf.int32, tf.int32, tf.int32)
    shapes: Any = ([None], [], [])

    def draw() -> Iterator[tuple[list[int], int, int]]:
        while True:
            for word, even in random.sample(pairs, len(pairs)):
                yield word, len(word), even
            if not training:
                break

    def input_fn() -> Any:
        dataset = tf.data.Dataset.from_generator(draw, kinds, shapes)
        batches = dataset.padded_batch(config["batch_size"] if training else len(pairs), shapes)
        return batches.map(lambda ids, length, even: ({"characters": ids, "lengths": length}, even)).prefetch(1)

    return input_fn


def make_model_fn(config: Config, size: int) -> Callable[..., Any]:
    """Make the model_fn of an embedding, dynamic_rnn and a dense layer, trained with Adam."""
    import tensorflow as tf

    def model_fn(features: Any, labels: Any, mode: str) -> Any:
        table = tf.compat.v1.get_variable("embedding", [size, config["embedding"]])
        cell = tf.compat.v1.nn.rnn_cell.LSTMCell(config["hidden"])
        embedded = tf.nn.embedding_lookup(table, features["characters"])
        _, state = tf.compat.v1.nn.dynamic_rnn(cell, embedded, features["lengths"], dtype=tf.float32)
        kernel = tf.compat.v1.get_variable("kernel", [config["hidden"], 2])
        bias = tf.compat.v1.get_variable("bias", [2], initializer=tf.compat.v1.zeros_initializer())
        logits = tf.matmul(state.h, kernel) + bias
        loss = tf.compat.v1.losses.sparse_softmax_cross_entropy(labels, logits)
        if mode == tf.estimator.ModeKeys.EVAL:
            accuracy = tf.compat.v1.metrics.accuracy(labels, tf.argmax(logits, 1))
            return tf.estimator.EstimatorSpec(mode, loss=loss, eval_metric_ops={"accuracy": accuracy})
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=make_train_op(loss, config))

    return model_fn


def make_train_op(loss: Any, config: Config) -> Any:
    """Build a step of Adam with clipped gradients and a decreasing rate."""
    import tensorflow as tf

    step = tf.compat.v1.train.get_global_step()
    rate = tf.compat.v1.train.polynomial_decay(config["learning_rate"], step, config["max_steps"], 0.0)
    optimizer = tf.compat.v1.train.AdamOptimizer(rate)
    gradients, variables = zip(*optimizer.compute_gradients(loss), strict=True)
    clipped, _ = tf.clip_by_global_norm(gradients, 1.0)
    return optimizer.apply_gradients(zip(clipped, variables, strict=True), global_step=step)


def fit(estimator: Any, config: Config, examples: Any) -> tuple[str, int]:
    """Train and evaluate until max_steps or the end of patience; return the best checkpoint and the last step."""
    train = make_input_fn(examples["train"], config, training=True)
    validation = make_input_fn(examples["validation"], config, training=False)
    every = config["evaluate_every"]
    best, best_step, highest, step = "", 0, -1.0, 0
    while step < config["max_steps"] and step - best_step < config["patience"]:
        estimator.train(train, steps=every)
        step += every
        accuracy = estimator.evaluate(validation)["accuracy"]
        if accuracy > highest:
            best, best_step, highest = estimator.latest_checkpoint(), step, accuracy
    return best, step


if __name__ == "__main__":
    main(read_config())
