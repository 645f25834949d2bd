import numpy as np
import pytest
import tensorflow as tf

from core.network.graph_collections import PENALTY, get_tensors
from core.network.heads.units import inalu, nau, nmu


def compute(layer, inputs, **weights):
    """Compute a layer of one unit with weights set by hand, and its penalty."""
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        outputs = layer(tf.constant(inputs, tf.float32), 1)
        [penalty] = get_tensors(PENALTY).values()
        variables = {variable.op.name.split("/")[-1]: variable for variable in tf.compat.v1.global_variables()}
        assert variables.keys() == weights.keys()
        with tf.compat.v1.Session() as session:
            session.run(
                [variables[name].assign(np.reshape(value, variables[name].shape)) for name, value in weights.items()]
            )
            return session.run([outputs, penalty])


def inalu_weights(sums=(0, 0), products=(0, 0), gate=0):
    """Weights of 1 (20), -1 (-20) or 0."""
    return {"W_hat_a": sums, "M_hat_a": [20, 20], "W_hat_m": products, "M_hat_m": [20, 20], "G": gate}


@pytest.mark.parametrize(
    ("products", "expected"),
    [([20, 20], -12.0), ([20, -20], -0.75), ([20, 0], -3.0), ([0, 20], 4.0)],
    ids=["times", "divided by", "first alone", "second alone"],
)
def test_an_inalu_multiplies_and_divides_negative_numbers(products, expected):
    outputs, _ = compute(inalu, [[-3.0, 4.0]], **inalu_weights(products=products, gate=-20))

    np.testing.assert_allclose(outputs, [[expected]], rtol=1e-4)


def test_an_inalu_adds_with_weights_of_its_own():
    outputs, _ = compute(inalu, [[-3.0, 4.0]], **inalu_weights(sums=[20, -20], products=[20, 20], gate=20))

    np.testing.assert_allclose(outputs, [[-7.0]], rtol=1e-4)


def test_the_gate_of_an_inalu_does_not_depend_on_its_input():
    """G = 0 is a gate of a half: half of the sum and half of the product."""
    outputs, _ = compute(inalu, [[3.0, 4.0], [1.0, 2.0]], **inalu_weights([20, 20], [20, 20]))

    np.testing.assert_allclose(outputs, [[(7 + 12) / 2], [(3 + 2) / 2]], rtol=1e-4)


def test_the_product_of_an_inalu_is_bounded():
    outputs, _ = compute(inalu, [[1e9, 1e9]], **inalu_weights(products=[20, 20], gate=-20))

    np.testing.assert_allclose(outputs, [[np.exp(20)]], rtol=1e-4)


def test_the_penalty_of_an_inalu_is_0_when_all_its_weights_are_saturated():
    saturated = inalu_weights([20, -20], [20, 20], gate=-20)
    half = {**saturated, "W_hat_a": [10, -10]}

    assert compute(inalu, [[1.0, 1.0]], **saturated)[1] == 0
    assert compute(inalu, [[1.0, 1.0]], **half)[1] == pytest.approx(2 * 0.5 / 9)


def test_a_nau_adds_and_subtracts():
    outputs, penalty = compute(nau, [[3.0, 4.0, 5.0, 6.0]], W=[1, -1, 0, 0.25])

    np.testing.assert_allclose(outputs, [[3 - 4 + 6 / 4]])
    assert penalty == pytest.approx(0.25 / 4)


def test_a_nmu_multiplies_what_it_selects():
    """w x + 1 - w is x for w = 1, 1 for w = 0, and (x + 1) / 2 for w = 1/2."""
    outputs, penalty = compute(nmu, [[-3.0, 4.0, 7.0]], W=[1, 0.5, 0])

    np.testing.assert_allclose(outputs, [[-3 * 2.5]])
    assert penalty == pytest.approx(0.5 / 3)


@pytest.mark.parametrize(("layer", "least"), [(nau, -1.0), (nmu, 0.0)])
def test_a_step_leaves_weights_within_their_range(layer, least):
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        outputs = layer(tf.fill([1, 3], 2.0), 1)
        [weights] = tf.compat.v1.trainable_variables()
        step = tf.compat.v1.train.AdamOptimizer(100.0).minimize(tf.reduce_sum(outputs))
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            session.run(step)
            values = session.run(weights)

    assert ((values >= least) & (values <= 1)).all()
    assert (values == least).all()


@pytest.mark.parametrize(("layer", "low", "high"), [(nau, -0.5, 0.5), (nmu, 0.25, 0.75)])
def test_initial_weights_are_within_the_limits_of_the_paper(layer, low, high):
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        layer(tf.zeros([1, 3]), 40)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            [values] = session.run(tf.compat.v1.global_variables())
    limit = min(high, (6 / 43) ** 0.5) if layer is nau else high

    assert low <= values.min() < values.max() <= limit
    assert values.max() > 0.9 * limit


def test_the_initial_weights_of_an_inalu_are_those_of_its_authors():
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        inalu(tf.zeros([1, 50]), 40)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            values = {each.op.name: session.run(each) for each in tf.compat.v1.global_variables()}

    for name, mean in {"W_hat_a": 1, "M_hat_a": -1, "W_hat_m": 1, "M_hat_m": -1}.items():
        assert values[f"inalu/{name}"].mean() == pytest.approx(mean, abs=0.01)
        assert values[f"inalu/{name}"].std() == pytest.approx(0.1, rel=0.1)
