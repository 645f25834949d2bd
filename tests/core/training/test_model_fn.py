from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from core.network.architecture import Architecture
from core.network.graph_collections import get_tensors
from core.network.tasks import TASKS
from core.training.model_fn import make_model_fn
from tests.core.small_training import PLAN

MODES = tf.estimator.ModeKeys
ARCHITECTURES = {
    task: Architecture(TASKS[task], head, alphabet_size=7, embedding=3, hidden=4, memory=None, largest=9, limit=9)
    for task, head in {"number": "nalu", "parity": "softmax"}.items()
}


def some_features(time):
    """Make placeholders for features; with time=None the graph does not know the length of the time axis."""
    return {
        "characters": tf.compat.v1.placeholder(tf.int32, [None, time]),
        "lengths": tf.compat.v1.placeholder(tf.int32, [None]),
        "readable": tf.compat.v1.placeholder(tf.int32, [None]),
    }


def build(mode, time=5):
    """Return the spec of a mode, the types of operation in its graph, and its measures."""
    model_fn = make_model_fn(ARCHITECTURES["parity"], PLAN)
    with tf.Graph().as_default() as graph:
        tf.compat.v1.set_random_seed(1)
        tf.compat.v1.train.get_or_create_global_step()
        labels = None if mode == MODES.PREDICT else {"parity": tf.compat.v1.placeholder(tf.int32, [None])}
        spec = model_fn(some_features(time), labels, mode)
        return spec, {operation.type for operation in graph.get_operations()}, get_tensors(mode)


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
def test_prediction_has_only_answers(time, reads):
    spec, operations, measures = build(MODES.PREDICT, time)

    assert spec.predictions.keys() == {"parity", "probability", "readable"}
    assert spec.loss is None
    assert spec.train_op is None
    assert reads in operations
    assert not {"LSTMBlockCellGrad", "SparseSoftmaxCrossEntropyWithLogits", "AssignAddVariableOp"} & operations
    assert not measures


@pytest.mark.parametrize("name", ["number", "parity"])
def test_initial_weights_depend_on_seed_and_name_only(name):
    def initial(time, seed):
        model_fn = make_model_fn(ARCHITECTURES[name])
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


def test_a_network_without_a_training_plan_cannot_be_trained():
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        tf.compat.v1.train.get_or_create_global_step()
        labels = {"parity": tf.compat.v1.placeholder(tf.int32, [None])}
        with pytest.raises(ValueError, match="without a training plan"):
            make_model_fn(ARCHITECTURES["parity"])(some_features(5), labels, MODES.TRAIN)


@pytest.mark.parametrize("mode", [MODES.TRAIN, MODES.EVAL])
def test_the_loss_includes_the_penalty(mode):
    [plain], [penalized] = (penalty_losses([(mode, LONG)], penalty) for penalty in (0.0, 10.0))

    assert plain < penalized


def test_a_validation_in_the_graph_of_a_training_has_the_penalty_of_its_own_words():
    [_, validation] = penalty_losses([(MODES.TRAIN, LONG), (MODES.EVAL, SHORT)], 10.0)

    assert [validation] == penalty_losses([(MODES.EVAL, SHORT)], 10.0)


def test_the_penalty_counts_from_its_first_step_of_training_and_always_in_a_validation():
    """The variables of a new graph have made no step."""
    [always], [later] = (penalty_losses([(MODES.TRAIN, LONG)], 10.0, penalty_start=start) for start in (0, 1))

    assert [later] == penalty_losses([(MODES.TRAIN, LONG)], 0.0)
    assert penalty_losses([(MODES.EVAL, LONG)], 10.0, penalty_start=1) == [always]


LONG = ([[2, 3, 4], [3, 2, 4]], [3, 3])
SHORT = ([[2], [3]], [1, 1])


def penalty_losses(networks, penalty, penalty_start=0):
    """The losses of codebook networks in one graph, each of a mode and two words."""
    plan = replace(PLAN, penalty=penalty, penalty_start=penalty_start)
    model_fn = make_model_fn(replace(ARCHITECTURES["number"], head="codebook"), plan)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.set_random_seed(1)
        tf.compat.v1.train.get_or_create_global_step()
        losses = []
        for mode, (characters, lengths) in networks:
            features = {"characters": tf.constant(characters), "lengths": tf.constant(lengths)}
            with tf.compat.v1.variable_scope(tf.compat.v1.get_variable_scope(), reuse=tf.compat.v1.AUTO_REUSE):
                losses.append(model_fn(features, {"number": tf.constant([7, 1], tf.int64)}, mode).loss)
        session.run(tf.compat.v1.global_variables_initializer())
        return session.run(losses)


def test_a_value_learns_from_its_logarithm_if_the_plan_says_so():
    """The error of 9 for 0 is 1 in units of the largest number; with the logarithm it is log(10) + 10."""
    assert losses_of_nine(log_loss=False) == pytest.approx(1)
    assert losses_of_nine(log_loss=True) == pytest.approx(np.log(10) + 10)


def test_a_head_that_does_not_learn_from_the_value_has_no_loss_of_its_logarithm():
    with pytest.raises(ValueError, match="softmax does not learn from the value"):
        make_model_fn(ARCHITECTURES["parity"], replace(PLAN, log_loss=True))


def losses_of_nine(log_loss):
    """The loss of a linear head that answers 9 where 0 is right."""
    model_fn = make_model_fn(replace(ARCHITECTURES["number"], head="linear"), replace(PLAN, log_loss=log_loss))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.set_random_seed(1)
        tf.compat.v1.train.get_or_create_global_step()
        features = {"characters": tf.constant([[2]]), "lengths": tf.constant([1])}
        spec = model_fn(features, {"number": tf.constant([0], tf.int64)}, MODES.EVAL)
        session.run(tf.compat.v1.global_variables_initializer())
        for variable in tf.compat.v1.trainable_variables():
            if variable.op.name.startswith("linear"):
                session.run(variable.assign(tf.ones_like(variable) if "bias" in variable.op.name else 0 * variable))
        return session.run(spec.loss)
