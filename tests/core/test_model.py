import tensorflow as tf

from core.model import make_model_fn
from core.published import published
from core.tasks import TASKS

MODES = tf.estimator.ModeKeys
PARITY = TASKS["parity"]


def build(mode):
    """The spec of a mode, and the types of operation in its graph."""
    model_fn = make_model_fn(
        task=PARITY,
        head=PARITY.heads["softmax"],
        alphabet_size=7,
        embedding=3,
        hidden=4,
        largest=9.0,
        learning_rate=0.01,
        weight_decay=0.1,
        max_steps=10,
    )
    with tf.Graph().as_default() as graph:
        tf.compat.v1.set_random_seed(1)
        tf.compat.v1.train.get_or_create_global_step()
        features = {
            "characters": tf.compat.v1.placeholder(tf.int32, [None, None]),
            "lengths": tf.compat.v1.placeholder(tf.int32, [None]),
            "readable": tf.compat.v1.placeholder(tf.int32, [None]),
        }
        labels = None if mode == MODES.PREDICT else {"parity": tf.compat.v1.placeholder(tf.int32, [None])}
        spec = model_fn(features, labels, mode)
        return spec, operations_of(graph), published(mode)


def operations_of(graph):
    """The kinds of operations of a graph, those within loops included."""
    whole = graph.as_graph_def()
    return {node.op for nodes in (whole.node, *(each.node_def for each in whole.library.function)) for node in nodes}


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


def test_prediction_has_answers_alone():
    spec, operations, measures = build(MODES.PREDICT)

    assert spec.predictions.keys() == {"parity", "probability", "readable"}
    assert spec.loss is None
    assert spec.train_op is None
    assert "LSTMBlockCell" in operations
    assert not {"LSTMBlockCellGrad", "SparseSoftmaxCrossEntropyWithLogits", "AssignAddVariableOp"} & operations
    assert not measures
