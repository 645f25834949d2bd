import numpy as np
import pytest
import tensorflow as tf

from core.network.heads.registry import HEADS
from core.network.tasks import TASKS

PARITY = TASKS["parity"]
NUMBER = TASKS["number"]


def test_even_numbers_have_label_1_and_odd_ones_0():
    assert PARITY.label(np.array([0, 1, 2, 435, 10**17])).tolist() == [1, 0, 1, 0, 1]


def test_the_label_of_a_number_is_the_number():
    assert NUMBER.label(np.array([0, 10**17 + 1])).tolist() == [0, 10**17 + 1]


def test_an_answer_is_right_if_it_rounds_to_the_label():
    numbers = np.array([3, 3, 3, 3, 3, 10**17 + 1])
    values = np.array([3.4, 2.6, 3.6, np.nan, np.inf, 1e17], np.float32)

    assert NUMBER.is_right(values, numbers).tolist() == [True, True, False, False, False, False]
    assert NUMBER.is_right(numbers, numbers).all()
    assert PARITY.is_right(np.array([1, 1]), np.array([434, 435])).tolist() == [True, False]


def test_values_are_right_where_the_measure_of_a_run_calls_them_exact():
    numbers = np.repeat(np.arange(50), 40)
    values = (numbers + np.tile(np.linspace(-1.5, 1.5, 40), 50)).astype(np.float32)
    measured = HEADS["linear"].objective.measures(tf.constant(values), tf.constant(numbers))["exact"]

    assert NUMBER.is_right(values, numbers).tolist() == measured.numpy().astype(bool).tolist()


@pytest.mark.parametrize(("task", "best"), [(PARITY, "second"), (NUMBER, "first")])
def test_the_best_result_is_the_first_of_the_highest_or_lowest(task, best):
    results = {"first": 0.25, "second": 0.75, "third": 0.75, "fourth": 0.25}

    assert task.best(results, results.__getitem__) == best


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_every_task_names_its_label_and_the_titles_of_its_answers(task):
    assert task.labels(np.array([3, 4])).keys() == {task.name}
    assert task.answers.keys() == {task.name, "probability"}
    assert set(task.heads) <= HEADS.keys()
