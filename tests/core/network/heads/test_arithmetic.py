import numpy as np
import pytest
import tensorflow as tf

from core.network.heads.arithmetic import EPSILON, nac, nac_limit, nac_variance, nalu


def compute(layer, inputs, **weights):
    """Compute a layer of one unit with weights set by hand."""
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        outputs = layer(tf.constant(inputs, tf.float32), 1)
        variables = {variable.op.name.split("/")[-1]: variable for variable in tf.compat.v1.global_variables()}
        assert variables.keys() == weights.keys()
        with tf.compat.v1.Session() as session:
            session.run([variables[name].assign(np.reshape(value, (-1, 1))) for name, value in weights.items()])
            return session.run(outputs)


def test_a_nac_with_weights_of_1_and_minus_1_adds_and_subtracts():
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
def test_a_nalu_with_a_closed_gate_multiplies_and_divides(w_hat, product):
    """G x = -20 - 20 closes the gate."""
    outputs = compute(nalu, [[3.0, 4.0]], W_hat=w_hat, M_hat=[20, 20], G=[-20 / 3, -5])

    np.testing.assert_allclose(outputs, [[product]], rtol=1e-4)


def test_a_nalu_with_an_open_gate_adds():
    outputs = compute(nalu, [[3.0, -4.0]], W_hat=[20, 20], M_hat=[20, 20], G=[20 / 3, -5])

    np.testing.assert_allclose(outputs, [[-1.0]], atol=1e-4)


def test_a_nalu_mixes_sum_and_product_by_its_gate():
    """G = 0 is a gate of a half: (3 + 4) / 2 + 3 * 4 / 2."""
    outputs = compute(nalu, [[3.0, 4.0]], W_hat=[20, 20], M_hat=[20, 20], G=[0, 0])

    np.testing.assert_allclose(outputs, [[9.5]], rtol=1e-4)


def test_a_product_takes_zero_for_epsilon():
    outputs = compute(nalu, [[0.0, 4.0]], W_hat=[20, 20], M_hat=[20, 20], G=[0, -10])

    np.testing.assert_allclose(outputs, [[4 * EPSILON]], atol=1e-6)


@pytest.mark.parametrize("limit", [0.1, 0.5, 2.0, 10.0])
def test_the_variance_of_nac_weights_is_that_of_a_large_sample(limit):
    w_hat, m_hat = np.random.default_rng(0).uniform(-limit, limit, (2, 10**6))

    assert nac_variance(limit) == pytest.approx((np.tanh(w_hat) / (1 + np.exp(-m_hat))).var(), rel=0.01)


@pytest.mark.parametrize("variance", [1e-4, 2 / 65, 0.25, 0.45])
def test_the_limit_gives_nac_weights_the_variance(variance):
    assert nac_variance(nac_limit(variance)) == pytest.approx(variance)


def test_initial_nac_weights_have_both_signs_and_the_variance_of_a_dense_layer():
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        nac(tf.zeros([1, 200]), 200)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            w_hat, m_hat = (session.run(variable) for variable in tf.compat.v1.global_variables())
    weights = np.tanh(w_hat) / (1 + np.exp(-m_hat))

    assert weights.var() == pytest.approx(2 / 400, rel=0.05)
    assert abs(weights.mean()) < 0.01


@pytest.mark.parametrize("inputs", [1, 2, 64])
def test_initial_weights_are_small_and_within_their_limits(inputs):
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        nalu(tf.zeros([1, inputs]), 1)
        limits = {"W_hat": nac_limit(min(2 / (inputs + 1), 0.25)), "G": np.sqrt(6 / (inputs + 1))}
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            for variable in tf.compat.v1.global_variables():
                values = session.run(variable)
                limit = limits["G" if variable.op.name.endswith("G") else "W_hat"]
                assert values.shape == (inputs, 1)
                assert np.abs(values).max() <= limit
