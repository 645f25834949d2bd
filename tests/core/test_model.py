from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from core.model import make_model_fn
from core.published import published
from core.tasks import TASKS

MODES = tf.estimator.ModeKeys
PARITY = TASKS["parity"]
HEADS = {"number": "nalu", "parity": "softmax"}
CONFIG: dict[str, Any] = {
    "task": PARITY,
    "head": PARITY.heads["softmax"],
    "alphabet_size": 7,
    "embedding": 3,
    "hidden": 4,
    "largest": 9.0,
    "learning_rate": 0.01,
    "weight_decay": 0.1,
    "max_steps": 10,
}


def some_features(time):
    """Placeholders for words, as an input has them; where time is None, the graph does not know how long they are."""
    return {
        "characters": tf.compat.v1.placeholder(tf.int32, [None, time]),
        "lengths": tf.compat.v1.placeholder(tf.int32, [None]),
        "readable": tf.compat.v1.placeholder(tf.int32, [None]),
    }


def build(mode, time=5):
    """The spec of a mode, and the types of operation in its graph."""
    model_fn = make_model_fn(**CONFIG)
    with tf.Graph().as_default() as graph:
        tf.compat.v1.set_random_seed(1)
        tf.compat.v1.train.get_or_create_global_step()
        labels = None if mode == MODES.PREDICT else {"parity": tf.compat.v1.placeholder(tf.int32, [None])}
        spec = model_fn(some_features(time), labels, mode)
        return spec, {operation.type for operation in graph.get_operations()}, published(mode)


def test_training_has_loss_and_train_op_and_no_evaluation_metrics():
    spec, operations, measures = build(MODES.TRAIN)

    assert spec.train_op is not None
    assert spec.loss.shape == []
    assert not spec.eval_metric_ops
    assert "LSTMBlockCellGrad" in operations
    assert measures.keys() == {"loss", "accuracy", "gradient_norm"}


def test_evaluation_has_metrics_and_no_gradients():
    spec, operations, measures = build(MODES.EVAL)

    assert spec.train_op is None
    assert spec.eval_metric_ops.keys() == {"average_loss", "accuracy"}
    assert "LSTMBlockCell" in operations
    assert not {"LSTMBlockCellGrad", "ResourceApplyAdam"} & operations
    assert measures.keys() == {"loss", "accuracy"}


@pytest.mark.parametrize(("time", "reads"), [(5, "LSTMBlockCell"), (None, "StatelessWhile")])
def test_prediction_has_answers_alone(time, reads):
    spec, operations, measures = build(MODES.PREDICT, time)

    assert spec.predictions.keys() == {"parity", "probability", "readable"}
    assert spec.loss is None
    assert spec.train_op is None
    assert reads in operations
    assert not {"LSTMBlockCellGrad", "SparseSoftmaxCrossEntropyWithLogits", "AssignAddVariableOp"} & operations
    assert not measures


@pytest.mark.parametrize("name", ["number", "parity"])
def test_weights_begin_alike_whatever_else_is_in_the_graph(name):
    def initial(time, seed):
        task = TASKS[name]
        model_fn = make_model_fn(**{**CONFIG, "task": task, "head": task.heads[HEADS[name]]})
        with tf.Graph().as_default():
            tf.compat.v1.set_random_seed(seed)
            model_fn(some_features(time), None, MODES.PREDICT)
            with tf.compat.v1.Session() as session:
                session.run(tf.compat.v1.global_variables_initializer())
                return {each.name: session.run(each) for each in tf.compat.v1.trainable_variables()}

    short, long, other = initial(1, seed=1), initial(3, seed=1), initial(1, seed=2)
    for weight, values in short.items():
        np.testing.assert_array_equal(long[weight], values)
        assert "bias" in weight or (other[weight] != values).any()
    drawn = [values.ravel()[0] for weight, values in short.items() if "bias" not in weight]
    assert len({*drawn}) == len(drawn)
