import numpy as np
import pytest
import tensorflow as tf

from core.tasks import TASKS

PARITY = TASKS["parity"]
LOGITS = tf.constant([[0.0, 0.0], [-1.0, 1.0], [2.0, -2.0]])


def test_even_numbers_have_label_1_and_odd_ones_0():
    assert PARITY.label(np.array([0, 1, 2, 435, 10**17])).tolist() == [1, 0, 1, 0, 1]


def test_parity_is_predicted_with_the_probability_of_even():
    answers = PARITY.predict(LOGITS)

    assert answers["parity"].numpy().tolist() == [0, 1, 0]
    np.testing.assert_allclose(answers["probability"], [0.5, 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(4))], rtol=1e-5)


def test_the_loss_of_parity_is_the_surprise_in_nats():
    losses = PARITY.losses(LOGITS, tf.constant([0, 1, 1]))

    np.testing.assert_allclose(losses, [np.log(2), np.log1p(np.exp(-2)), np.log1p(np.exp(4))], rtol=1e-5)


def test_accuracy_counts_right_answers():
    assert PARITY.measures(LOGITS, tf.constant([0, 1, 1]))["accuracy"].numpy().tolist() == [1, 1, 0]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_every_task_names_its_answers_and_its_result(task):
    for head in task.heads.values():
        with tf.Graph().as_default():
            tf.compat.v1.set_random_seed(1)
            outputs = head(tf.zeros([2, 4]))
            labels = tf.constant(task.label(np.array([3, 4])))

            assert task.predict(outputs).keys() == task.answers.keys()
            assert task.result in task.measures(outputs, labels)
            assert task.losses(outputs, labels).shape == [2]
