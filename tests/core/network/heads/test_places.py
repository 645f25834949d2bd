import numpy as np
import pytest
import tensorflow as tf

from core.network.graph_collections import PENALTY, PLACES, get_tensors
from core.network.heads.places import digit_probabilities, places, scale_register
from core.network.states.reading import Reading


def loop(change, group):
    """The scale register by its definition, one character after the other."""
    s = np.zeros((len(change), group.shape[2]))
    s[:, 0] = 1
    steps = []
    for f, c in zip(change.T[..., np.newaxis], group.swapaxes(0, 1), strict=True):
        s = (1 - f) * s + f * c
        steps.append(s)
    return np.stack(steps, axis=1)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_scale_register_equals_its_definition(groups):
    rng = np.random.default_rng(groups)
    change = rng.uniform(0, 1, (3, 12)).astype(np.float32) ** 3
    group = rng.dirichlet(np.ones(groups), (3, 12)).astype(np.float32)

    np.testing.assert_allclose(scale_register(tf.constant(change), tf.constant(group)), loop(change, group), atol=1e-4)


def test_a_full_change_of_scale_forgets_the_scale_before():
    change = tf.constant([[0.0, 1.0, 0.0]])
    group = tf.constant([[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]])

    np.testing.assert_allclose(scale_register(change, group), [[[1, 0], [0, 1], [0, 1]]], atol=1e-5)


def test_a_gradient_flows_through_the_scale_register():
    change, group = tf.constant([[0.2, 0.5]]), tf.constant([[[0.5, 0.5], [0.1, 0.9]]])
    with tf.GradientTape() as tape:
        tape.watch([change, group])
        last = scale_register(change, group)[0, -1, 1]
    by_change, by_group = tape.gradient(last, [change, group])

    # s_2 = (1 - f_2) f_1 c_1 + f_2 c_2 = 0.5 * 0.2 * 0.5 + 0.5 * 0.9 in the second group
    np.testing.assert_allclose(by_change, [[0.5 * 0.5, 0.9 - 0.2 * 0.5]], atol=1e-4)
    np.testing.assert_allclose(by_group, [[[0, 0.5 * 0.2], [0, 0.5]]], atol=1e-4)


def test_a_digit_that_is_written_has_its_probability_and_an_empty_place_is_zero():
    """The digit 7 is written to the tens with weight 1: (0 + 1) / (0.05 + 1), and 0.05 / 1.05 is left for zero."""
    digit = tf.one_hot([[7]], 10)
    place = tf.constant([[[0.0, 1.0, 0.0]]])
    scale = tf.constant([[[1.0]]])
    probabilities = digit_probabilities(digit, place, scale).numpy()[0]

    assert probabilities.shape == (3, 10)
    assert probabilities[1, 7] == pytest.approx(1 / 1.05)
    assert probabilities[1, 0] == pytest.approx(0.05 / 1.05)
    assert probabilities[[0, 2], 0].tolist() == pytest.approx([1, 1])


def test_the_scale_selects_the_group_of_places():
    digit, place = tf.one_hot([[3]], 10), tf.constant([[[0.0, 0.0, 1.0]]])
    probabilities = digit_probabilities(digit, place, tf.constant([[[0.0, 1.0]]])).numpy()[0]

    assert probabilities.argmax(axis=1).tolist() == [0, 0, 0, 0, 0, 3]


def test_choices_are_made_on_nodes_and_count_within_the_word_only():
    """Two words of the nodes 0, 1 and of 1; padding points to node 0, which writes a 5 to the units with certainty.

    Node 1 is certain to write nothing. The bias of 3 for nothing is overcome by 50.
    """
    weights = {
        "digit/kernel": [[0] * 5 + [50] + [0] * 4, [0] * 10],
        "place/kernel": [[50, 0, 0, 0], [0, 0, 0, 50]],
        "change/kernel": [[0], [0]],
        "group/kernel": [[0], [0]],
    }
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        reading = Reading(tf.eye(2), tf.constant([[0, 1], [1, 0]]), tf.constant([2, 1]), tf.zeros([2, 2]))
        outputs = {"log": places(reading, groups=1), **get_tensors(PLACES), "penalty": get_tensors(PENALTY)["places"]}
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            for variable in tf.compat.v1.global_variables():
                name = variable.op.name.removeprefix("places/")
                if name in weights:
                    session.run(variable.assign(weights[name]))
            values = session.run(outputs)
    units = np.exp(values["log"][:, 0])

    assert units[0, 5] == pytest.approx(1 / 1.05, rel=1e-4)
    assert units[1, 0] == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(values["place"][:, :, 0], [[1, 0], [0, 0]], atol=1e-4)
    np.testing.assert_allclose(values["scale"], 1, atol=1e-5)
    assert values["penalty"] == pytest.approx((1 + 0) / 2, abs=1e-4), "how often the words write"
