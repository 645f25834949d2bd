"""The last state of a training, from which another training resumes and reaches the same weights.

`model_dir/last` holds a checkpoint of all variables, including the optimizer's, and state.json: the step, the state
of the selection, and whether training was finished. The order of the examples is a function of the seed, so the step
tells where the input continues.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from core.training.selection import SelectionState

LAST = "last"
"""The directory of the state, in model_dir."""

_STATE = "state.json"


@dataclass(frozen=True)
class TrainingState:
    """How far a training has come.

    Attributes:
        step: the last global step that was completed.
        checkpoint: the name of its checkpoint in `model_dir/last`; None if training was finished.
        selection: the state of the selection.
    """

    step: int
    checkpoint: str | None
    selection: SelectionState


def read_state(model_dir: Path) -> TrainingState | None:
    """Read the last saved state, None if there is none.

    Raises:
        ValueError: if it cannot be read.
    """
    path = model_dir / LAST / _STATE
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        progress = read["progress"]  # of earlier versions, it holds more
        return TrainingState(
            int(read["step"]), read["checkpoint"], SelectionState(tuple(progress["best"]), progress["best_step"])
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def write_state(model_dir: Path, state: TrainingState) -> None:
    """Replace the last saved state."""
    directory = model_dir / LAST
    directory.mkdir(exist_ok=True)
    new = directory / f".{_STATE}"
    content = {"step": state.step, "checkpoint": state.checkpoint, "progress": asdict(state.selection)}
    new.write_text(json.dumps(content), encoding="utf-8")
    new.replace(directory / _STATE)


def has_state(model_dir: Path) -> bool:
    """Tell whether a training has saved a state to resume from."""
    return (model_dir / LAST / _STATE).is_file()


def remove_state(model_dir: Path) -> None:
    """Remove the last saved state, if there is one."""
    shutil.rmtree(model_dir / LAST, ignore_errors=True)


def copy_state(parent: Path, model_dir: Path) -> None:
    """Copy the last state of another training, and its best checkpoint, into a model_dir that has none yet.

    A better checkpoint that was saved after the state, before the training was killed, is not copied: the resumed
    training will save it again.
    """
    shutil.copytree(parent / LAST, model_dir / LAST)
    state = read_state(model_dir)
    best = f"model.ckpt-{state.selection.best_step}" if state is not None else ""
    if (parent / f"{best}.index").is_file():
        for path in parent.glob(f"{best}.*"):
            shutil.copy2(path, model_dir / path.name)
        (model_dir / "checkpoint").write_text(f'model_checkpoint_path: "{best}"\n', encoding="utf-8")
