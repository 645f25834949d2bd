import numpy as np
import pytest
import tensorflow as tf

from core.optimizer import minimize


def steps(count, *, slope, weight_decay, clip_norm=1e9, learning_rate=0.1):
    """The weight, 2 at first, after each of `count` steps down a line of that slope, and the gradient norm."""
    with tf.Graph().as_default():
        step = tf.compat.v1.train.get_or_create_global_step()
        weight = tf.compat.v1.get_variable("weight", [1], initializer=tf.compat.v1.constant_initializer(2.0))
        update = minimize(
            tf.reduce_sum(slope * weight), learning_rate=learning_rate, weight_decay=weight_decay, clip_norm=clip_norm
        )
        weights = []
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            for _ in range(count):
                _, norm = session.run(update)
                weights.append(session.run(weight).item())
            assert session.run(step) == count
        return weights, float(norm)


def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_slope():
    assert steps(1, slope=3.0, weight_decay=0.0)[0] == pytest.approx([1.9], abs=1e-5)
    assert steps(1, slope=-0.5, weight_decay=0.0)[0] == pytest.approx([2.1], abs=1e-5)


def test_decay_shrinks_the_weight_beside_the_step_of_adam():
    """theta <- theta - 0.1 * 0.5 * theta - 0.1, twice: 2 -> 1.8 -> 1.61."""
    assert steps(2, slope=3.0, weight_decay=0.5)[0] == pytest.approx([1.8, 1.61], abs=1e-5)


def test_decay_does_not_enter_the_gradient():
    assert steps(1, slope=0.0, weight_decay=0.5)[0] == pytest.approx([1.9], abs=1e-6)


def test_the_norm_is_that_before_clipping():
    assert steps(1, slope=-4.0, weight_decay=0.0, clip_norm=1.0)[1] == pytest.approx(4.0)


def test_gradients_are_clipped_to_the_norm():
    """Adam is blind to scale, but not to a scale that changes: 0.1 * 0.19/0.19 first, then slower."""
    with tf.Graph().as_default():
        tf.compat.v1.train.get_or_create_global_step()
        weights = tf.compat.v1.get_variable("weights", [2], initializer=tf.compat.v1.zeros_initializer())
        slope = tf.compat.v1.placeholder(tf.float32, [2])
        update = minimize(tf.reduce_sum(slope * weights), learning_rate=0.1, weight_decay=0.0, clip_norm=1.0)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            session.run(update, {slope: [1.0, 0.0]})
            session.run(update, {slope: [1000.0, 0.0]})
            clipped = session.run(weights)
    np.testing.assert_allclose(clipped, [-0.2, 0.0], atol=1e-5)
