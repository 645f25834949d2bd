"""Tells TensorBoard's HParams page what a run was configured with."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api

from core.events import Events


def write_hparams(model_dir: Path, hparams: Mapping[str, str | bool | float | None], trial: str) -> None:
    """Write hyper-parameters beside the events of a run; its measures are found by the page itself.

    Args:
        model_dir: where the events of the run are.
        hparams: by name; None is written as the word.
        trial: what the page calls the run.
    """
    shown = {name: "None" if value is None else value for name, value in hparams.items()}
    summary = tf.compat.v1.Summary.FromString(api.hparams_pb(shown, trial_id=trial).SerializeToString())
    events = Events(model_dir)
    events.add_summary(summary)
    events.flush()
