import numpy as np
import pytest
import tensorflow as tf

from core.network.heads import HEADS
from core.network.tasks import TASKS

PARITY = TASKS["parity"]
NUMBER = TASKS["number"]
LOGITS = tf.constant([[0.0, 0.0], [-1.0, 1.0], [2.0, -2.0]])


def test_even_numbers_have_label_1_and_odd_ones_0():
    assert PARITY.label(np.array([0, 1, 2, 435, 10**17])).tolist() == [1, 0, 1, 0, 1]


def test_parity_predicts_the_probability_of_even():
    answers = PARITY.predict(LOGITS)

    assert answers["parity"].numpy().tolist() == [0, 1, 0]
    np.testing.assert_allclose(answers["probability"], [0.5, 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(4))], rtol=1e-5)


def test_the_loss_of_parity_is_the_cross_entropy_in_nats():
    losses = PARITY.losses(LOGITS, tf.constant([0, 1, 1]), 9.0)

    np.testing.assert_allclose(losses, [np.log(2), np.log1p(np.exp(-2)), np.log1p(np.exp(4))], rtol=1e-5)


def test_accuracy_counts_right_answers():
    assert PARITY.measures(LOGITS, tf.constant([0, 1, 1]))["accuracy"].numpy().tolist() == [1, 1, 0]


@pytest.mark.parametrize(("task", "best"), [(PARITY, "second"), (NUMBER, "first")])
def test_the_best_result_is_the_first_of_the_highest_or_lowest(task, best):
    results = {"first": 0.25, "second": 0.75, "third": 0.75, "fourth": 0.25}

    assert task.best(results, results.__getitem__) == best


def test_the_label_of_a_number_is_the_number():
    assert NUMBER.label(np.array([0, 10**17 + 1])).tolist() == [0, 10**17 + 1]


def test_the_loss_of_a_number_is_its_error_in_units_of_the_largest_number():
    losses = NUMBER.losses(tf.constant([435.0, 10.5, 999.0]), tf.constant([435, 20, 0], tf.int64), 999.0)

    np.testing.assert_allclose(losses, [0.0, 9.5 / 999, 1.0], rtol=1e-6)


def test_a_number_has_absolute_relative_and_rounded_errors():
    measures = NUMBER.measures(tf.constant([434.6, 10.5, 2.0]), tf.constant([435, 20, 0], tf.int64))

    np.testing.assert_allclose(measures["mean_absolute_error"], [0.4, 9.5, 2.0], atol=1e-4)
    np.testing.assert_allclose(measures["relative_error"], [0.4 / 435, 9.5 / 20, 2.0], atol=1e-4)
    assert measures["exact"].numpy().tolist() == [1, 0, 0]


def test_exact_is_exact_beyond_the_precision_of_float32():
    number = 2**24 + 1

    assert NUMBER.measures(tf.constant([float(number)]), tf.constant([number], tf.int64))["exact"].numpy() == [0]


@pytest.mark.parametrize("head", ["linear", "nac", "nalu"])
def test_heads_scale_their_output_to_the_largest_number(head):
    def output(largest):
        with tf.Graph().as_default():
            tf.compat.v1.set_random_seed(1)
            outputs = HEADS[head](tf.constant([[0.5, -0.25]]), largest)
            with tf.compat.v1.Session() as session:
                session.run(tf.compat.v1.global_variables_initializer())
                return session.run(outputs)

    assert output(999.0).shape == (1,)
    np.testing.assert_allclose(output(999.0), 999 * output(1.0), rtol=1e-5)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_every_task_names_its_answers_and_its_result(task):
    for head in task.heads:
        with tf.Graph().as_default():
            tf.compat.v1.set_random_seed(1)
            outputs = HEADS[head](tf.zeros([2, 4]), 9.0)
            labels = tf.constant(task.label(np.array([3, 4])))

            assert task.predict(outputs).keys() == task.answers.keys()
            assert task.result in task.measures(outputs, labels)
            assert task.losses(outputs, labels, 9.0).shape == [2]
