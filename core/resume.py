"""Keeps the last state of a training, from which another goes on to the same weights.

`model_dir/last` holds a checkpoint of all variables, those of the optimizer included, and state.json: the step, what
the selection knows, and whether training was at its end. The order of the examples is a function of the seed, so the
step says where in it to go on.
"""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.selection import Progress, Selection

_DIRECTORY = "last"
_STATE = "state.json"
_EVERY_SECONDS = 15.0


@dataclass(frozen=True)
class TrainingState:
    """Where a training stands.

    Attributes:
        step: the global step, all of which is done.
        checkpoint: the name of its checkpoint in `model_dir/last`; None for a training that is at its end.
        progress: of the selection.
    """

    step: int
    checkpoint: str | None
    progress: Progress


def read_state(model_dir: Path) -> TrainingState | None:
    """Read the last state that was kept, None when there is none.

    Raises:
        ValueError: when it cannot be read.
    """
    path = model_dir / _DIRECTORY / _STATE
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return TrainingState(int(read["step"]), read["checkpoint"], Progress(**read["progress"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def adopt_state(parent: Path, model_dir: Path) -> None:
    """Copy the last state of another training, and the best checkpoint that it knows, to where there is none yet.

    A better checkpoint, saved after the state and before the training was killed, is left: it will be made again.
    """
    shutil.copytree(parent / _DIRECTORY, model_dir / _DIRECTORY)
    state = read_state(model_dir)
    best = f"model.ckpt-{state.progress.best_step}" if state is not None else ""
    if (parent / f"{best}.index").is_file():
        for path in parent.glob(f"{best}.*"):
            shutil.copy2(path, model_dir / path.name)
        (model_dir / "checkpoint").write_text(f'model_checkpoint_path: "{best}"\n', encoding="utf-8")


class BeginHook(tf.estimator.SessionRunHook):
    """Restores the last state, if there is one, and says when training begins; it comes before all other hooks."""

    def __init__(self, model_dir: Path, state: TrainingState | None, begins: Callable[[], None]) -> None:
        """Restore a state of model_dir, and call begins."""
        self._path = str(model_dir / _DIRECTORY / state.checkpoint) if state and state.checkpoint else None
        self._begins = begins

    def begin(self) -> None:
        self._saver = tf.compat.v1.train.Saver()

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        if self._path is not None:
            self._saver.restore(session, self._path)
        self._begins()


class KeepLastHook(tf.estimator.SessionRunHook):
    """Keeps the state every quarter of a minute, and when training is interrupted; it comes after all other hooks."""

    def __init__(self, model_dir: Path, selection: Selection, max_steps: int, heed: Callable[[], None]) -> None:
        """Keep the state in model_dir.

        Args:
            model_dir: of the training.
            selection: what it knows is part of the state.
            max_steps: the last step.
            heed: called after each step but the last; what it raises ends training, and the state is kept before.
        """
        self._max_steps = max_steps
        self._directory = model_dir / _DIRECTORY
        self._selection = selection
        self._heed = heed

    def begin(self) -> None:
        self._step_tensor = tf.compat.v1.train.get_global_step()
        # Two, since state.json names the older one until it is written.
        self._saver = tf.compat.v1.train.Saver(max_to_keep=2, save_relative_paths=True)
        self._kept_time = time.monotonic()

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        self._step = int(session.run(self._step_tensor))

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._step += 1
        if self._step >= self._max_steps or self._selection.exhausted(self._step):
            return  # training is at its end, which whoever went on from here would not see
        try:
            self._heed()
        except BaseException:
            self._keep(run_context.session)
            raise
        if time.monotonic() - self._kept_time >= _EVERY_SECONDS:
            self._keep(run_context.session)

    def _keep(self, session: tf.compat.v1.Session) -> None:
        self._kept_time = time.monotonic()
        self._directory.mkdir(exist_ok=True)
        path = self._saver.save(session, str(self._directory / "model.ckpt"), self._step, write_meta_graph=False)
        write_state(self._directory.parent, TrainingState(self._step, Path(path).name, self._selection.progress))


def write_state(model_dir: Path, state: TrainingState) -> None:
    """Replace the last state that was kept."""
    directory = model_dir / _DIRECTORY
    directory.mkdir(exist_ok=True)
    new = directory / f".{_STATE}"
    new.write_text(json.dumps(asdict(state)), encoding="utf-8")
    new.replace(directory / _STATE)
