import numpy as np
import pytest
import tensorflow as tf

from core.network.graph_collections import ADDENDS, PENALTY, get_tensors
from core.network.heads.addends import codebook, codebook_values, product
from core.network.states.reading import Reading

PATHS = [[0, 1, 2], [1, 0, 0]]  # two words of three characters and of one


def compute(layer, weights):
    """Compute a layer on three nodes, whose states are the unit vectors, with weights set by hand."""
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        reading = Reading(tf.eye(3), tf.constant(PATHS), tf.constant([3, 1]), tf.zeros([2, 3]))
        outputs = {"sum": layer(reading), **get_tensors(ADDENDS), **get_tensors(PENALTY)}
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            for variable in tf.compat.v1.global_variables():
                name = variable.op.name.split("/", 1)[1]
                if name in weights:
                    session.run(variable.assign(np.reshape(weights[name], variable.shape)))
            return session.run(outputs)


def choose(count, *choices):
    """Return a kernel that is certain of a choice for each of three nodes."""
    kernel = np.zeros((3, count))
    kernel[range(3), choices] = 50
    return kernel


def test_the_codebook_has_each_digit_in_each_place_and_11_and_12():
    assert codebook_values(999) == [0, *range(1, 10), *range(10, 100, 10), *range(100, 1000, 100), 11, 12]
    assert codebook_values(1000)[-11:-2] == list(range(1000, 10000, 1000))


def test_a_codebook_adds_the_values_that_are_chosen_along_a_word():
    """The nodes choose 5, nothing and 300."""
    chosen = compute(
        lambda reading: codebook(reading, 999), {"choice/kernel": choose(30, 5, 0, 21), "choice/bias": np.zeros(30)}
    )

    np.testing.assert_allclose(chosen["sum"], [305, 0], atol=1e-3)
    np.testing.assert_allclose(chosen["added"], [[5, 0, 300], [0, 0, 0]], atol=1e-3)
    assert chosen["addends"] == pytest.approx((2 + 0) / 2)


def test_a_codebook_that_knows_nothing_adds_little():
    """29 values share 29 / (29 + e^5)."""
    outputs = compute(lambda reading: codebook(reading, 999), {"choice/kernel": np.zeros((3, 30))})
    share = 29 / (29 + np.exp(5))

    np.testing.assert_allclose(outputs["addends"], share * (3 + 1) / 2, rtol=1e-5)
    np.testing.assert_allclose(outputs["sum"][1], sum(codebook_values(999)) / (29 + np.exp(5)), rtol=1e-5)


def test_a_product_adds_digit_times_factor_behind_a_gate():
    """With delta = 1..12 and factors 1, 10 and 100: 5 * 1, a closed gate, and 3 * 100."""
    ten = np.log(9)  # softplus of it is log 10
    outputs = compute(
        product,
        {
            "gate/kernel": [50, -50, 50],
            "gate/bias": [0],
            "delta": np.arange(1, 13),
            "lambda": [ten, ten],
            "digit/kernel": choose(12, 4, 7, 2),
            "factor/kernel": choose(3, 0, 1, 2),
        },
    )

    np.testing.assert_allclose(outputs["sum"], [305, 0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(outputs["added"], [[5, 0, 300], [0, 0, 0]], rtol=1e-4, atol=1e-4)
    assert outputs["addends"] == pytest.approx(1)
