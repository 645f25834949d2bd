import numpy as np
import pytest
import tensorflow as tf

from core.arithmetic import EPSILON, nac, nalu


def compute(layer, inputs, **weights):
    """What a layer of one unit gives for weights that are set by hand."""
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        outputs = layer(tf.constant(inputs, tf.float32), 1)
        variables = {variable.op.name.split("/")[-1]: variable for variable in tf.compat.v1.global_variables()}
        assert variables.keys() == weights.keys()
        with tf.compat.v1.Session() as session:
            session.run([variables[name].assign(np.reshape(value, (-1, 1))) for name, value in weights.items()])
            return session.run(outputs)


def test_a_nac_adds_and_subtracts_what_its_weights_have_settled_for():
    """tanh(+-20) * sigmoid(20) is +-1, and sigmoid(-20) is 0."""
    sums = compute(nac, [[3.0, 4.0, 100.0], [1.0, -2.0, 100.0]], W_hat=[20, -20, 20], M_hat=[20, 20, -20])

    np.testing.assert_allclose(sums, [[-1.0], [3.0]], atol=1e-4)


def test_the_weights_of_a_nac_are_tanh_times_sigmoid():
    """tanh(0.5) * sigmoid(1) = 0.4621172 * 0.7310586."""
    np.testing.assert_allclose(compute(nac, [[2.0]], W_hat=[0.5], M_hat=[1.0]), [[2 * 0.3378347]], rtol=1e-5)


@pytest.mark.parametrize(
    ("w_hat", "product"),
    [([20, 20], 12.0), ([20, -20], 0.75), ([0, 20], 4.0)],
    ids=["times", "divided by", "alone"],
)
def test_a_nalu_whose_gate_is_closed_multiplies_and_divides(w_hat, product):
    """G x = -20 - 20 closes the gate."""
    outputs = compute(nalu, [[3.0, 4.0]], W_hat=w_hat, M_hat=[20, 20], G=[-20 / 3, -5])

    np.testing.assert_allclose(outputs, [[product]], rtol=1e-4)


def test_a_nalu_whose_gate_is_open_adds():
    outputs = compute(nalu, [[3.0, -4.0]], W_hat=[20, 20], M_hat=[20, 20], G=[20 / 3, -5])

    np.testing.assert_allclose(outputs, [[-1.0]], atol=1e-4)


def test_a_nalu_mixes_sum_and_product_by_its_gate():
    """G = 0 is a gate of a half: (3 + 4) / 2 + 3 * 4 / 2."""
    outputs = compute(nalu, [[3.0, 4.0]], W_hat=[20, 20], M_hat=[20, 20], G=[0, 0])

    np.testing.assert_allclose(outputs, [[9.5]], rtol=1e-4)


def test_a_zero_is_epsilon_to_the_product():
    outputs = compute(nalu, [[0.0, 4.0]], W_hat=[20, 20], M_hat=[20, 20], G=[0, -10])

    np.testing.assert_allclose(outputs, [[4 * EPSILON]], atol=1e-6)


def test_weights_begin_small_and_of_either_sign():
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        nalu(tf.zeros([1, 64]), 1)
        limit = np.sqrt(6 / 65)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            for variable in tf.compat.v1.global_variables():
                values = session.run(variable)
                assert values.shape == (64, 1)
                assert -limit <= values.min() < 0 < values.max() <= limit
