import math

import pytest

from core.network.tasks import TASKS
from core.training.selection import Selection

HIGHER, LOWER = TASKS["parity"], TASKS["number"]


def select(validations, *, task=HIGHER, patience=100):
    selection = Selection(task, patience=patience)
    for step, result, loss in validations:
        selection.add(step, {task.result: result, "loss": loss})
    return selection


@pytest.mark.parametrize(
    ("validations", "task", "best_step"),
    [
        ([(0, 0.5, 1.0), (10, 0.9, 1.0), (20, 0.7, 0.1)], HIGHER, 10),
        ([(0, 0.5, 1.0), (10, 0.9, 1.0), (20, 0.4, 9.0)], LOWER, 20),
        ([(0, 0.9, 1.0), (10, 0.9, 0.5), (20, 0.9, 0.7)], HIGHER, 10),
        ([(0, 0.9, 1.0), (10, 0.9, 1.0)], HIGHER, 0),
        ([(0, 0.5, 1.0), (10, math.nan, 0.1), (20, 0.9, math.inf)], HIGHER, 0),
        ([], HIGHER, -1),
    ],
    ids=["higher", "lower", "equal with a lower loss", "equal", "not finite", "no validation"],
)
def test_the_best_validation_is_selected(validations, task, best_step):
    assert select(validations, task=task).best_step == best_step


def test_patience_counts_steps_since_the_validation_whose_checkpoint_is_kept():
    selection = select([(0, 0.5, 1.0), (50, 0.9, 1.0), (100, 0.9, 0.1), (150, 0.9, 0.2)], patience=100)

    assert selection.best_step == 100
    assert not selection.exhausted(199)
    assert selection.exhausted(200)


@pytest.mark.parametrize(("task", "best"), [(HIGHER, 0.9), (LOWER, 0.5)])
def test_the_result_of_the_best_validation_is_known(task, best):
    assert select([(0, 0.5, 1.0), (50, 0.9, 1.0)], task=task).best_result == best


def test_a_selection_resumes_from_its_state():
    first = select([(0, 0.5, 1.0), (50, 0.9, 1.0)])
    resumed = Selection(HIGHER, patience=100, state=first.state)
    resumed.add(60, {HIGHER.result: 0.8, "loss": 0.1})

    assert resumed.best_step == 50
    assert resumed.exhausted(150)
