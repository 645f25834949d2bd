"""Exports a network as a SavedModel that reads raw words and needs no code of this project."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.characters import Alphabet
from core.inputs import ask


def export(estimator: tf.estimator.Estimator, *, alphabet: Alphabet, language: str, directory: Path) -> None:
    """Export the best checkpoint as a SavedModel; an earlier one in its place gives way.

    Its signature `serving_default` takes `words`, string [batch], and gives the answers of the task and `readable`,
    each [batch].

    Args:
        estimator: of a trained network.
        alphabet: that it was trained with.
        language: of its words.
        directory: of the SavedModel; TensorFlow Serving wants a number for its name.
    """

    def receive() -> tf.estimator.export.ServingInputReceiver:
        words = tf.compat.v1.placeholder(tf.string, [None], name="words")
        return tf.estimator.export.ServingInputReceiver(ask(words, alphabet, language), {"words": words})

    directory.parent.mkdir(exist_ok=True)
    exported = Path(estimator.export_saved_model(str(directory.parent), receive).decode())
    shutil.rmtree(directory, ignore_errors=True)
    exported.rename(directory)
