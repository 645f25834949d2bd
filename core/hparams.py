"""Tells TensorBoard's HParams page what a run was configured with."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api


def write_hparams(model_dir: Path, hparams: Mapping[str, str | bool | float | None], trial: str) -> None:
    """Write hyper-parameters beside the events of a run; its measures are found by the page itself.

    Args:
        model_dir: where the events of the run are.
        hparams: by name; None is written as the word.
        trial: what the page calls the run.
    """
    shown = {name: "None" if value is None else value for name, value in hparams.items()}
    summary = tf.compat.v1.Summary.FromString(api.hparams_pb(shown, trial_id=trial).SerializeToString())
    with tf.Graph().as_default():
        # The writer that the Estimator will find and go on with: a second one, begun within the same second, would
        # have the same file name, and overwrite the first.
        writer = tf.compat.v1.summary.FileWriterCache.get(str(model_dir))
        writer.add_summary(summary)
        writer.flush()
