import math
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from core.training.optimizer import minimize, read_diverged_loss
from tests.core.small_training import PLAN

CONSTANT_RATE = replace(PLAN, learning_rate=0.1, weight_decay=0.0, max_steps=10**9)  # it falls too slowly to notice


def steps(count, *, slope, **changes):
    """Return the weight, 2 at first, after each of `count` steps down a line of that slope, and the gradient norm."""
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        weight = tf.compat.v1.get_variable("weight", [1], initializer=tf.compat.v1.constant_initializer(2.0))
        update = minimize(tf.reduce_sum(slope * weight), replace(CONSTANT_RATE, **changes))
        weights = []
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            for _ in range(count):
                _, norm = session.run(update)
                weights.append(session.run(weight).item())
            assert session.run(step) == count
        return weights, float(norm)


def test_the_first_step_of_adam_is_the_learning_rate_for_any_slope():
    assert steps(1, slope=3.0)[0] == pytest.approx([1.9], abs=1e-5)
    assert steps(1, slope=-0.5)[0] == pytest.approx([2.1], abs=1e-5)


def test_weight_decay_is_added_to_the_step_of_adam():
    """theta <- theta - 0.1 * 0.5 * theta - 0.1, twice: 2 -> 1.8 -> 1.61."""
    assert steps(2, slope=3.0, weight_decay=0.5)[0] == pytest.approx([1.8, 1.61], abs=1e-5)


def test_weight_decay_is_not_part_of_the_gradient():
    assert steps(1, slope=0.0, weight_decay=0.5)[0] == pytest.approx([1.9], abs=1e-6)


def test_the_norm_is_measured_before_clipping():
    assert steps(1, slope=-4.0)[1] == pytest.approx(4.0)


def test_the_learning_rate_falls_linearly():
    """Steps of Adam down a line are the rate itself: 0.1, 0.075, 0.05, 0.025."""
    assert steps(4, slope=1.0, max_steps=4)[0] == pytest.approx([1.9, 1.825, 1.775, 1.75], abs=1e-5)


def run(loss, variable, feeds):
    """Return the gradient norm of each step, and the variable after the last one."""
    update = minimize(loss, CONSTANT_RATE)
    with tf.compat.v1.Session() as session:
        session.run(tf.compat.v1.global_variables_initializer())
        return [float(session.run(update, feed)[1]) for feed in feeds], session.run(variable)


def test_gradients_are_clipped_to_the_norm():
    """Adam ignores a constant scale, but not a change: without clipping the second step would be smaller."""
    with tf.Graph().as_default():
        tf.compat.v1.train.get_or_create_global_step()
        weights = tf.compat.v1.get_variable("weights", [2], initializer=tf.compat.v1.zeros_initializer())
        slope = tf.compat.v1.placeholder(tf.float32, [2])
        norms, weights = run(tf.reduce_sum(slope * weights), weights, [{slope: [1.0, 0.0]}, {slope: [1000.0, 0.0]}])

    assert norms == pytest.approx([1.0, 1000.0])
    np.testing.assert_allclose(weights, [-0.2, 0.0], atol=1e-5)


def test_the_gradient_norm_sums_the_uses_of_an_embedding_row():
    """The loss is 3 times the first row's only entry, and 4 times the second's: a norm of 5."""
    with tf.Graph().as_default():
        tf.compat.v1.train.get_or_create_global_step()
        table = tf.compat.v1.get_variable("table", [3, 1], initializer=tf.compat.v1.zeros_initializer())
        used = tf.gather(table, tf.constant([0, 0, 0, 1, 1, 1, 1]))
        norms, _ = run(tf.reduce_sum(used), table, [{}])

    assert norms == pytest.approx([5.0])


@pytest.mark.parametrize(("loss", "read"), [(math.nan, math.nan), (math.inf, math.inf), (-math.inf, math.inf)])
def test_a_loss_that_is_not_finite_raises_and_changes_no_weight(loss, read):
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        weight = tf.compat.v1.get_variable("weight", [1], initializer=tf.compat.v1.constant_initializer(2.0))
        added = tf.compat.v1.placeholder(tf.float32, [])
        update = minimize(tf.reduce_sum(weight) + added, replace(CONSTANT_RATE, weight_decay=0.5))
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            session.run(update.train_op, {added: 1.0})
            before = [session.run(variable).tolist() for variable in tf.compat.v1.global_variables()]
            with pytest.raises(tf.errors.InvalidArgumentError) as raised:
                session.run(update.train_op, {added: loss})
            after = [session.run(variable).tolist() for variable in tf.compat.v1.global_variables()]

            assert session.run(step) == 1
    assert after == before
    assert repr(read_diverged_loss(raised.value)) == repr(read)


def test_another_error_has_no_diverged_loss():
    assert read_diverged_loss(tf.errors.InvalidArgumentError(None, None, "Tensor had NaN values")) is None
