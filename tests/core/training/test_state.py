"""A training is interrupted, and another one resumes it."""

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.training.hooks import checkpoints
from core.training.state import copy_state, find_state, read_state
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


@pytest.fixture(scope="module", autouse=True)
def no_state_but_at_the_end():
    """Save no state in between, however slow the disk is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "_SAVE_SECONDS", 1e9)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training without interruption."""
    return train_briefly(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def two_states(tmp_path_factory):
    """A training that has left the states of the steps 7 and 12; to be read only."""
    model_dir = tmp_path_factory.mktemp("two")
    interrupted(model_dir, 7, [])
    interrupted(model_dir, 5, [])
    return model_dir


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


def empty(path):
    path.write_bytes(b"")


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [empty, cut_off, flip_a_bit, Path.unlink], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", ["state-12.json", "model.ckpt-12.index", "model.ckpt-12.data-00000-of-00001"])
def test_the_state_before_takes_the_place_of_a_damaged_one(two_states, tmp_path, name, damage):
    shutil.copytree(two_states, tmp_path / "model")
    damage(tmp_path / "model" / "last" / name)
    found = find_state(tmp_path / "model")

    assert found.state is not None
    assert found.state.step == 7
    is_removed = name.endswith(".json") and damage is Path.unlink
    assert [line.partition(" ")[0] for line in found.damage] == (
        [] if is_removed else [str(tmp_path / "model" / "last" / name)]
    )


def test_a_training_without_a_whole_state_is_not_resumed(two_states, tmp_path):
    shutil.copytree(two_states, tmp_path / "model")
    for path in (tmp_path / "model" / "last").glob("state-*.json"):
        flip_a_bit(path)

    with pytest.raises(ValueError, match=r"state-12\.json is corrupt.*; .*state-7\.json is corrupt"):
        read_state(tmp_path / "model")
    (tmp_path / "child").mkdir()
    with pytest.raises(ValueError, match=r"state-12\.json is corrupt"):
        copy_state(tmp_path / "model", tmp_path / "child")


def test_a_damaged_best_checkpoint_counts_unless_a_later_one_will_replace_it(two_states, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(two_states, model)
    [index] = model.glob("model.ckpt-*.index")
    flip_a_bit(index)
    assert find_state(model).state is None

    index.rename(model / "model.ckpt-20.index")  # the older best one was removed
    found = find_state(model)
    assert found.state is not None
    assert found.state.step == 12


@pytest.mark.slow
def test_a_training_resumed_from_the_state_before_reaches_the_same_bits(two_states, tmp_path, whole):
    shutil.copytree(two_states, tmp_path / "model")
    flip_a_bit(tmp_path / "model" / "last" / "model.ckpt-12.data-00000-of-00001")
    (tmp_path / "child").mkdir()
    copy_state(tmp_path / "model", tmp_path / "child")
    resumed, logged, _ = train_briefly(tmp_path / "child")

    assert min(step for _, _, step in logged) == 10
    assert_same_bits(resumed, whole[0])


def test_two_states_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "_SAVE_SECONDS", 0.0)
    interrupted(tmp_path, 9, [])

    assert sorted(path.name for path in (tmp_path / "last").iterdir()) == [
        *(f"model.ckpt-{step}.{end}" for step in (8, 9) for end in ("data-00000-of-00001", "index")),
        *(f"state-{step}.json" for step in (8, 9)),
    ]
    assert len(list(tmp_path.glob("model.ckpt-*.index"))) == 1


@pytest.mark.parametrize("damage", [None, empty])
def test_a_state_of_an_earlier_version_is_read(tmp_path, damage):
    """It had one file, without checksums."""
    interrupted(tmp_path, 7, [])
    path = tmp_path / "last" / "state-7.json"
    content = json.loads(path.read_text())["state"]
    content["progress"]["more"] = 1
    (tmp_path / "last" / "state.json").write_text(json.dumps(content | {"files": {}}))
    path.unlink()
    if damage is not None:
        damage(tmp_path / "last" / "model.ckpt-7.index")
    found = find_state(tmp_path)

    assert (found.state.step if found.state else None) == (7 if damage is None else None)
    assert len(found.damage) == (0 if damage is None else 1)


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
