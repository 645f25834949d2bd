from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from core.network.architecture import Architecture
from core.network.heads.objectives import VALUE
from core.network.heads.registry import HEADS
from core.network.states.reading import Reading
from core.network.tasks import TASKS, VALUE_HEADS

ARCHITECTURE = Architecture(
    TASKS["number"], "linear", alphabet_size=7, embedding=3, hidden=4, memory=None, largest=999, limit=1234
)


def some_reading():
    """Make the reading of two words of 3 and 2 characters, in the default graph."""
    nodes = tf.constant(np.random.default_rng(0).normal(size=(5, 4)), tf.float32)
    return Reading(nodes, tf.constant([[0, 1, 2], [3, 4, 0]]), tf.constant([3, 2]), tf.gather(nodes, [2, 4]))


def outputs(head, architecture=ARCHITECTURE):
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        built = HEADS[head].layer(some_reading(), architecture)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            return session.run(built)


@pytest.mark.parametrize(
    ("head", "shape"),
    [
        ("softmax", (2, 2)),
        ("linear", (2,)),
        ("nac", (2,)),
        ("nalu", (2,)),
        ("inalu", (2,)),
        ("nau", (2,)),
        ("nmu", (2,)),
        ("codebook", (2,)),
        ("product", (2,)),
        ("digits", (2, 4, 10)),
        ("places", (2, 6, 10)),
    ],
)
def test_outputs_have_their_shapes(head, shape):
    """1234 has four digits, and two groups of three places."""
    assert outputs(head).shape == shape


@pytest.mark.parametrize("head", [head for head in VALUE_HEADS if head not in ("codebook", "product")])
def test_heads_of_the_last_state_scale_their_output_to_the_largest_number(head):
    np.testing.assert_allclose(outputs(head), 999 * outputs(head, replace(ARCHITECTURE, largest=1)), rtol=1e-5)


@pytest.mark.parametrize("head", ["digits", "places"])
def test_digit_heads_give_probabilities(head):
    np.testing.assert_allclose(np.exp(outputs(head)).sum(axis=2), 1, atol=2e-4)


def test_every_head_of_a_task_exists():
    assert {head for task in TASKS.values() for head in task.heads} == HEADS.keys()


def test_the_heads_of_a_value_are_listed_where_no_tensorflow_is_needed():
    assert {name for name, head in HEADS.items() if head.objective is VALUE} == set(VALUE_HEADS)
