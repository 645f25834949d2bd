"""A training that is interrupted, and another that goes on with it."""

import numpy as np
import pytest

from core.resume import adopt_state, read_state
from tests.core.training import trained


class StoppedError(Exception):
    """What a signal would raise."""


def heed_until(step):
    """Raise at the end of a step, counted from the beginning of the session."""
    calls = 0

    def heed():
        nonlocal calls
        calls += 1
        if calls == step:
            raise StoppedError

    return heed


def interrupted(model_dir, step, logged):
    with pytest.raises(StoppedError):
        trained(model_dir, heed=heed_until(step), logged=logged)


def assert_same_bits(estimator, other):
    for name in other.get_variable_names():
        assert np.array_equal(estimator.get_variable_value(name), other.get_variable_value(name)), name


def without_speed(points):
    return [point for point in points if point[0] != "train/steps_per_second"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training that nothing interrupts."""
    return trained(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("steps", [(37,), (40,), (1,), (33, 50)], ids=str)
def test_a_training_that_goes_on_comes_to_the_same_bits(tmp_path, whole, steps):
    estimator, logged_whole, last_step = whole
    logged: list = []
    parent = tmp_path / "0"
    for place, step in enumerate(steps):
        interrupted(parent, step, logged)
        child = tmp_path / str(place + 1)
        child.mkdir()
        adopt_state(parent, child)
        parent = child
    resumed, _, resumed_last = trained(parent, logged=logged)

    assert resumed_last == last_step
    assert without_speed(logged) == without_speed(logged_whole)
    assert_same_bits(resumed, estimator)
    assert len(list(parent.glob("model.ckpt-*.index"))) == 1


def test_the_state_tells_where_training_stands(tmp_path):
    interrupted(tmp_path, 37, [])
    state = read_state(tmp_path)

    assert state is not None
    assert state.step == 37
    assert (tmp_path / "last" / f"{state.checkpoint}.index").is_file()
    assert 0 <= state.progress.best_step <= 30


def test_a_training_at_its_end_is_not_begun_again(tmp_path):
    _, _, last_step = trained(tmp_path)
    logged: list = []
    _, _, again = trained(tmp_path, logged=logged)

    assert again == last_step
    assert logged == []


def test_a_training_that_never_was_has_no_state(tmp_path):
    assert read_state(tmp_path) is None


def test_a_state_that_is_torn_is_named(tmp_path):
    interrupted(tmp_path, 3, [])
    (tmp_path / "last" / "state.json").write_text('{"step": ')

    with pytest.raises(ValueError, match=r"state\.json cannot be read"):
        read_state(tmp_path)


@pytest.mark.parametrize("config", [{"max_steps": 25}, {"patience": 20, "learning_rate": 1e-9}], ids=str)
def test_a_training_that_is_interrupted_at_its_last_step_is_at_its_end(tmp_path, config):
    _, logged_whole, last_step = trained(tmp_path / "whole", **config)
    logged: list = []
    _, _, again_last = trained(tmp_path / "again", heed=heed_until(last_step), logged=logged, **config)
    _, _, resumed_last = trained(tmp_path / "again", logged=logged, **config)

    assert last_step == again_last == resumed_last
    assert without_speed(logged) == without_speed(logged_whole)


def test_a_better_checkpoint_than_the_state_knows_is_made_again(tmp_path, whole):
    """As when a training is killed after it has saved a best checkpoint, and before it keeps its state."""
    estimator, logged_whole, last_step = whole
    parent, child = tmp_path / "parent", tmp_path / "child"
    logged: list = []
    interrupted(parent, 15, logged)
    for path in list(parent.glob("model.ckpt-*")):
        path.rename(path.with_name(f"model.ckpt-{last_step}{path.suffix}"))
    child.mkdir()
    adopt_state(parent, child)
    resumed, _, resumed_last = trained(child, logged=logged)

    assert resumed_last == last_step
    assert without_speed(logged) == without_speed(logged_whole)
    assert_same_bits(resumed, estimator)
