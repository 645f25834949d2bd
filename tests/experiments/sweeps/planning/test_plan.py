"""The command lines of a sweep."""

import pytest
from sacred.utils import SacredError

from experiments.parity import experiment
from experiments.sweeps.planning.grid import read_grid
from experiments.sweeps.planning.plan import plan
from experiments.sweeps.planning.store import Store

EMPTY = Store([], "experiments/parity.py", {})


def planned(*words, options=()):
    grid = read_grid(words)
    return plan(experiment, grid.points(3, 0), named_configs=grid.named_configs, options=options, store=EMPTY)


def test_a_command_line_is_what_a_user_would_type():
    [run] = planned("fast", "hidden=8", "extrapolation_max=None", "learning_rate=1e-3", options=["-F", "there"])

    assert run.arguments == [
        "with", "fast", "hidden=8", "extrapolation_max=None", "learning_rate=0.001", "-F", "there"
    ]  # fmt: skip
    assert run.is_needed


def test_a_sweep_without_values_is_one_run_with_the_defaults():
    [run] = planned()

    assert run.arguments == []
    assert run.is_needed


@pytest.mark.parametrize("words", [("hiden=8",), ("hidden=8", "head=nalu"), ("hidden=8..9", "max_number=-1")])
def test_every_config_is_checked_before_any_run_starts(words):
    with pytest.raises(SacredError):
        planned(*words)


def test_equal_draws_are_one_run():
    assert len(planned("fast", "hidden~choice(16,16)", "seed=1")) == 1


def test_numbers_that_are_equal_are_one_run_however_they_are_written():
    assert len(planned("fast", "learning_rate=1,1.0", "seed=1")) == 1
    assert len(planned("fast", "learning_rate=1,1.0")) == 2
