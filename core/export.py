"""Exports a network as a SavedModel that reads raw words and needs no code of this project."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.characters import Alphabet
from core.inputs import ask

VERSION = "1"
"""The directory of the export, as TensorFlow Serving wants it: a number."""


def export(estimator: tf.estimator.Estimator, *, alphabet: Alphabet, language: str, directory: Path) -> Path:
    """Export the best checkpoint; an earlier export gives way.

    Its signature `serving_default` takes `words`, string [batch], and gives the answers of the task and `readable`,
    each [batch].

    Args:
        estimator: of a trained network.
        alphabet: that it was trained with.
        language: of its words.
        directory: for the versions of the export.

    Returns:
        The directory of the SavedModel.
    """

    def receive() -> tf.estimator.export.ServingInputReceiver:
        words = tf.compat.v1.placeholder(tf.string, [None], name="words")
        return tf.estimator.export.ServingInputReceiver(ask(words, alphabet, language), {"words": words})

    directory.mkdir(exist_ok=True)
    exported = Path(estimator.export_saved_model(str(directory), receive).decode())
    shutil.rmtree(directory / VERSION, ignore_errors=True)
    return exported.rename(directory / VERSION)
