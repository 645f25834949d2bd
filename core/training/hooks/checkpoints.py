"""Saves the two checkpoints of a training: the best one, which is measured, and the last one, to resume from."""

import time
from pathlib import Path

import tensorflow as tf

from core.training.selection import SelectionState
from core.training.state import LAST, TrainingState, write_state

_SAVE_SECONDS = 15.0


class BestCheckpoint:
    """The one checkpoint in model_dir: the weights of the best validation."""

    def __init__(self, model_dir: Path, saved_step: int) -> None:
        """Save to model_dir, which has the checkpoint of saved_step already, or none if that is -1."""
        self._path = str(model_dir / "model.ckpt")
        self._saved_step = saved_step

    def build(self) -> None:
        """Add the saver to the graph of the training."""
        self._saver = tf.compat.v1.train.Saver(max_to_keep=1, save_relative_paths=True)
        if self._saved_step >= 0:
            self._saver.recover_last_checkpoints([f"{self._path}-{self._saved_step}"])

    def save(self, session: tf.compat.v1.Session, best_step: int) -> None:
        """Save the weights if the best validation is a new one, that of the current step."""
        if best_step > self._saved_step:
            self._saved_step = best_step
            self._saver.save(session, self._path, best_step, write_meta_graph=False)


class LastCheckpoint:
    """The checkpoint of the last state, in `model_dir/last`, with all that a training needs to resume."""

    def __init__(self, model_dir: Path) -> None:
        """Save to model_dir."""
        self._model_dir = model_dir
        self._saved_time = 0.0

    def build(self) -> None:
        """Add the saver to the graph of the training."""
        # Two checkpoints, because state.json names the older one until it is replaced.
        self._saver = tf.compat.v1.train.Saver(max_to_keep=2, save_relative_paths=True)
        self._saved_time = time.monotonic()

    def restore(self, session: tf.compat.v1.Session, checkpoint: str) -> None:
        """Restore all variables from a checkpoint in `model_dir/last`."""
        self._saver.restore(session, str(self._model_dir / LAST / checkpoint))

    @property
    def is_due(self) -> bool:
        """Whether the last save is a quarter of a minute ago."""
        return time.monotonic() - self._saved_time >= _SAVE_SECONDS

    def save(self, session: tf.compat.v1.Session, step: int, selection: SelectionState) -> None:
        """Save the state after a step."""
        self._saved_time = time.monotonic()
        directory = self._model_dir / LAST
        directory.mkdir(exist_ok=True)
        path = self._saver.save(session, str(directory / "model.ckpt"), step, write_meta_graph=False)
        write_state(self._model_dir, TrainingState(step, Path(path).name, selection))
