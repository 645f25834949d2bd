"""A stranger has written the state of a training."""

import json
import os
from pathlib import Path

import pytest

from core.training.hooks import checkpoints
from core.training.state import _checksum, find_state
from tests.core.small_training import train_small


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A training that was stopped and has left the states of the steps 7 and 12."""
    monkeypatch.setattr(checkpoints, "_SAVE_SECONDS", 0.0)
    steps = iter(range(1, 13))

    def after_step():
        step = next(steps)
        monkeypatch.setattr(checkpoints, "_SAVE_SECONDS", 0.0 if step == 7 else 1e9)
        if step == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_small(tmp_path / "model", max_steps=60, after_step=after_step)
    return tmp_path / "model"


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"../../other": None}},
        {"files": {"/etc/hostname": None}},
        {"files": {"last/../alphabet.txt": None}},
        {"files": 7},
        {"checkpoint": "../../model.ckpt-12"},
        {"progress": {"best": [1.0], "best_step": "0/../.."}},
    ],
    ids=str,
)
def test_a_state_that_names_other_files_is_corrupt(model, change):
    """Whoever writes a state can write its checksum, too."""
    path = model / "last" / "state-12.json"
    content = json.loads(path.read_text())["state"] | change
    path.write_text(json.dumps({"state": content, "sha256": _checksum(content)}))

    state, [damage] = find_state(model)
    assert state is not None
    assert state.step == 7
    assert damage.startswith(f"{path} is corrupt")


@pytest.mark.parametrize("name", ["state-12.json", "model.ckpt-12.index"])
@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_neither_a_pipe_nor_a_link_is_read_as_a_state(model, name, make):
    path = model / "last" / name
    path.unlink()
    make(path)

    state, [damage] = find_state(model)
    assert state is not None
    assert state.step == 7
    assert damage.startswith(f"{path} ")
