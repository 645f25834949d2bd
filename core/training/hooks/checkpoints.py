"""Saves the checkpoints of a training: the best one, which is measured, and the last two, to resume from.

Each is on the disk before it is named and before an older one is removed.
"""

import math
import time
from pathlib import Path

import tensorflow as tf

from core.training.model_files import make_directory, remove_checkpoints, set_latest, sync_checkpoint
from core.training.selection import SelectionState
from core.training.state import LAST, TrainingState, write_state

_SAVE_SECONDS = 15.0
_FLUSH_SECONDS = 5.0


class BestCheckpoint:
    """The one checkpoint in model_dir: the weights of the best validation.

    Early in a training, many validations in a row are the best so far. Flushing each of them would take one percent of
    the time, so TensorFlow's file `checkpoint` names an earlier one for a few seconds.
    """

    def __init__(self, model_dir: Path, saved_step: int) -> None:
        """Save to model_dir, which has the checkpoint of saved_step already, or none if that is -1."""
        self._model_dir = model_dir
        self._saved_step = saved_step
        self._unflushed = ""
        self._flushed_time = -math.inf

    def build(self) -> None:
        """Add the saver to the graph of the training."""
        self._saver = tf.compat.v1.train.Saver()

    def save(self, session: tf.compat.v1.Session, best_step: int) -> None:
        """Save the weights if the best validation is a new one, that of the current step."""
        if best_step > self._saved_step:
            self._saved_step = best_step
            self._unflushed = _save(self._saver, session, self._model_dir, best_step)
        if time.monotonic() - self._flushed_time >= _FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Flush the checkpoint to the disk, name it and remove earlier ones, unless this has been done."""
        if self._unflushed:
            sync_checkpoint(self._model_dir, self._unflushed)
            set_latest(self._model_dir, self._unflushed)
            remove_checkpoints(self._model_dir, keep=frozenset([self._unflushed]))
            self._unflushed = ""
            self._flushed_time = time.monotonic()


class LastCheckpoint:
    """The checkpoints of the last states, in `model_dir/last`, with all that a training needs to resume."""

    def __init__(self, model_dir: Path) -> None:
        """Save to model_dir."""
        self._model_dir = model_dir
        self._saved_time = 0.0

    def build(self) -> None:
        """Add the saver to the graph of the training."""
        self._saver = tf.compat.v1.train.Saver()
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
        make_directory(self._model_dir / LAST)
        name = _save(self._saver, session, self._model_dir / LAST, step)
        sync_checkpoint(self._model_dir / LAST, name)
        write_state(self._model_dir, TrainingState(step, name, selection))


def _save(saver: tf.compat.v1.train.Saver, session: tf.compat.v1.Session, directory: Path, step: int) -> str:
    """Save a checkpoint and return its name; nothing else is named or removed."""
    path = saver.save(session, str(directory / "model.ckpt"), step, write_meta_graph=False, write_state=False)
    return Path(path).name
