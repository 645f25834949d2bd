"""A training is interrupted, and another one resumes it."""

import itertools

import numpy as np
import pytest

from core.training.state import copy_state, read_state
from tests.core.small_training import train_small


def train_briefly(model_dir, **changes):
    return train_small(model_dir, **{"max_steps": 60, **changes})


class StoppedError(Exception):
    """Stands for the exception of a signal."""


def stop_after(step):
    """Make an after_step that raises after a step, counted from the start of the session."""
    calls = itertools.count(1)

    def after_step():
        if next(calls) == step:
            raise StoppedError

    return after_step


def interrupted(model_dir, step, logged, **changes):
    with pytest.raises(StoppedError):
        train_briefly(model_dir, after_step=stop_after(step), logged=logged, **changes)


def assert_same_bits(estimator, other):
    for name in other.get_variable_names():
        assert np.array_equal(estimator.get_variable_value(name), other.get_variable_value(name)), name


def without_speed(points):
    return [point for point in points if point[0] != "train/steps_per_second"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training without interruption."""
    return train_briefly(tmp_path_factory.mktemp("whole"))


@pytest.mark.slow
@pytest.mark.parametrize("steps", [(37,), (40,), (1,), (33, 20)], ids=str)
def test_a_resumed_training_reaches_the_same_bits(tmp_path, whole, steps):
    estimator, logged_whole, last_step = whole
    logged: list = []
    parent = tmp_path / "0"
    for place, step in enumerate(steps):
        interrupted(parent, step, logged)
        child = tmp_path / str(place + 1)
        child.mkdir()
        copy_state(parent, child)
        parent = child
    resumed, _, resumed_last = train_briefly(parent, logged=logged)

    assert resumed_last == last_step
    assert without_speed(logged) == without_speed(logged_whole)
    assert_same_bits(resumed, estimator)
    assert len(list(parent.glob("model.ckpt-*.index"))) == 1


def test_the_state_has_the_step_the_checkpoint_and_the_selection(tmp_path):
    interrupted(tmp_path, 37, [])
    state = read_state(tmp_path)

    assert state is not None
    assert state.step == 37
    assert (tmp_path / "last" / f"{state.checkpoint}.index").is_file()
    assert 0 <= state.selection.best_step <= 30


def test_a_finished_training_does_not_start_again(tmp_path):
    _, _, last_step = train_briefly(tmp_path)
    logged: list = []
    _, _, again = train_briefly(tmp_path, logged=logged)

    assert again == last_step
    assert logged == []


def test_a_training_that_never_started_has_no_state(tmp_path):
    assert read_state(tmp_path) is None


def test_a_corrupt_state_is_an_error_that_names_the_file(tmp_path):
    interrupted(tmp_path, 3, [])
    (tmp_path / "last" / "state.json").write_text('{"step": ')

    with pytest.raises(ValueError, match=r"state\.json cannot be read"):
        read_state(tmp_path)


@pytest.mark.parametrize("config", [{"max_steps": 25}, {"patience": 20, "learning_rate": 1e-9}], ids=str)
def test_a_training_interrupted_at_its_last_step_is_finished(tmp_path, config):
    _, logged_whole, last_step = train_briefly(tmp_path / "whole", **config)
    logged: list = []
    _, _, again_last = train_briefly(tmp_path / "again", after_step=stop_after(last_step), logged=logged, **config)
    _, _, resumed_last = train_briefly(tmp_path / "again", logged=logged, **config)

    assert last_step == again_last == resumed_last
    assert without_speed(logged) == without_speed(logged_whole)


@pytest.mark.slow
def test_a_checkpoint_newer_than_the_state_is_saved_again(tmp_path):
    """A training may be killed after it saves a best checkpoint and before it saves its state."""
    estimator, logged_whole, last_step = train_small(tmp_path / "whole")  # its best step is one of the last ones
    parent, child = tmp_path / "parent", tmp_path / "child"
    logged: list = []
    interrupted(parent, 15, logged, max_steps=last_step)
    for path in list(parent.glob("model.ckpt-*")):
        path.rename(path.with_name(f"model.ckpt-{last_step}{path.suffix}"))
    child.mkdir()
    copy_state(parent, child)
    resumed, _, resumed_last = train_small(child, logged=logged)

    assert resumed_last == last_step
    assert without_speed(logged) == without_speed(logged_whole)
    assert_same_bits(resumed, estimator)
