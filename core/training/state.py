"""The last states of a training, from which another training resumes and reaches the same weights.

`model_dir/last` holds the two last checkpoints of all variables, including the optimizer's, and for each a
state-<step>.json: the step, the state of the selection, whether training was finished, and the SHA-256 of the files
that it needs. If the last state is damaged, the one before it remains. The order of the examples is a function of the
seed, so the step tells where the input continues.
"""

import hashlib
import json
import re
import shutil
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from core.training.model_files import (
    checkpoint_files,
    digest,
    find_file_damage,
    make_directory,
    remove_checkpoints,
    replace_text,
    set_latest,
    sync_checkpoint,
)
from core.training.selection import SelectionState

LAST = "last"
"""The directory of the states, in model_dir."""

_KEPT = 2  # states
_FILE = re.compile(rf"({LAST}/)?model\.ckpt--?\d+\.(index|data-\d{{5}}-of-\d{{5}})")


@dataclass(frozen=True)
class TrainingState:
    """How far a training has come.

    Attributes:
        step: the last global step that was completed.
        checkpoint: the name of its checkpoint in `model_dir/last`; None if training was finished.
        selection: the state of the selection.
        files: of its checkpoint and of the best one, relative to model_dir, with the SHA-256 of each. It is None in
            states of earlier versions. `write_state` fills it in.
    """

    step: int
    checkpoint: str | None
    selection: SelectionState
    files: Mapping[str, str | None] = field(default_factory=dict, compare=False)

    @property
    def best(self) -> str:
        """The name of the best checkpoint in model_dir."""
        return f"model.ckpt-{self.selection.best_step}"


class FoundState(NamedTuple):
    """What a training has left to resume from.

    Attributes:
        state: the last state that is whole; None if there is none.
        damage: what is damaged about the states after it, a line each.
    """

    state: TrainingState | None
    damage: list[str]


def find_state(model_dir: Path) -> FoundState:
    """Find the last saved state that is whole, with the checkpoints that it needs."""
    damage: list[str] = []
    for path in sorted((model_dir / LAST).glob("state*.json"), key=_step_of, reverse=True):
        try:
            state = _read(path, model_dir)
        except (OSError, ValueError) as error:
            damage.append(str(error))
            continue
        found = _find_damage(model_dir, state)
        if found is None:
            return FoundState(state, damage)
        damage.append(found)
    return FoundState(None, damage)


def read_state(model_dir: Path) -> TrainingState | None:
    """Read the last saved state that is whole, None if none was saved.

    Raises:
        ValueError: if states were saved, and all are damaged.
    """
    found = find_state(model_dir)
    if found.state is None and found.damage:
        raise ValueError("; ".join(found.damage))
    return found.state


def write_state(model_dir: Path, state: TrainingState) -> None:
    """Save a state whose checkpoint is on the disk, and remove all but the two last states."""
    directory = model_dir / LAST
    make_directory(directory)
    named = [(directory, state.checkpoint)] if state.checkpoint is not None else []
    paths = [path for place, name in (*named, (model_dir, state.best)) for path in checkpoint_files(place, name)]
    files = {path.relative_to(model_dir).as_posix(): digest(path) for path in paths}
    content = {
        "step": state.step,
        "checkpoint": state.checkpoint,
        "progress": asdict(state.selection),
        "files": files,
    }
    text = json.dumps({"state": content, "sha256": _checksum(content)})
    replace_text(directory / f"state-{state.step}.json", text)
    saved = sorted(directory.glob("state-*.json"), key=_step_of)
    for path in saved[:-_KEPT]:
        path.unlink()
    remove_checkpoints(directory, keep=frozenset(f"model.ckpt-{_step_of(path)}" for path in saved[-_KEPT:]))


def remove_state(model_dir: Path) -> None:
    """Remove the saved states, if there are any."""
    shutil.rmtree(model_dir / LAST, ignore_errors=True)


def copy_state(parent: Path, model_dir: Path) -> None:
    """Copy the last whole state of another training, and its best checkpoint, into a model_dir that has none yet.

    A better checkpoint that was saved after the state is not copied: the resumed training will save it again.

    Raises:
        ValueError: if there is no whole state.
    """
    state = read_state(parent)
    if state is None:
        raise ValueError(f"{parent} has no state to resume from")
    make_directory(model_dir / LAST)
    for name, expected in state.files.items():
        if find_file_damage(parent / name, expected) is None:
            shutil.copy2(parent / name, model_dir / name)
    if state.checkpoint is not None:
        sync_checkpoint(model_dir / LAST, state.checkpoint)
    sync_checkpoint(model_dir, state.best)
    if (model_dir / f"{state.best}.index").is_file():
        set_latest(model_dir, state.best)
    write_state(model_dir, state)


def _read(path: Path, model_dir: Path) -> TrainingState:
    """Read a state; one of earlier versions has no checksums.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged; the message names it.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError("it is no regular file")
        read = json.loads(path.read_bytes())
        content = read.get("state", read)
        if content is not read and read["sha256"] != _checksum(content):
            raise ValueError("its checksum is wrong")
        progress = content["progress"]  # of earlier versions, it holds more
        selection = SelectionState(tuple(progress["best"]), progress["best_step"])
        state = TrainingState(int(content["step"]), content["checkpoint"], selection, content.get("files", {}))
        names = [*([] if state.checkpoint is None else [f"{LAST}/{state.checkpoint}.index"]), *state.files]
        if not all(map(_FILE.fullmatch, [f"{state.best}.index", *names])):  # a stranger's state copies nothing else
            raise ValueError("it names other files than those of checkpoints")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is empty" if path.stat().st_size == 0 else f"{path} is corrupt: {error}") from error
    return state if content is not read else _with_files_of_earlier_version(model_dir, state)


def _with_files_of_earlier_version(model_dir: Path, state: TrainingState) -> TrainingState:
    names = [f"{LAST}/{state.checkpoint}"] if state.checkpoint is not None else []
    names += [state.best] if checkpoint_files(model_dir, state.best) else []
    files = {f"{name}{end}": None for name in names for end in (".index", ".data-00000-of-00001")}
    return TrainingState(state.step, state.checkpoint, state.selection, files)


def _find_damage(model_dir: Path, state: TrainingState) -> str | None:
    """Say what is damaged about the checkpoints of a state; the best one counts unless a later one will replace it."""
    later_best = any(_step_of(path) > state.step for path in model_dir.glob("model.ckpt-*.index"))
    for name, expected in state.files.items():
        path = model_dir / name
        damage = f"{path} is a link" if path.is_symlink() else find_file_damage(path, expected)
        if damage is not None and not (later_best and not name.startswith(f"{LAST}/")):
            return damage
    return None


def _step_of(path: Path) -> int:
    """Return the step in the name of a file, -1 if it has none."""
    found = re.search(r"-(\d+)\.", path.name)
    return int(found[1]) if found else -1


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
