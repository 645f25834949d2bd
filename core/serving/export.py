"""Exports a network as a SavedModel that reads raw words and needs no code of this project."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.data.characters import Alphabet
from core.serving.input_fn import make_features


def export(estimator: tf.estimator.Estimator, *, alphabet: Alphabet, language: str, directory: Path) -> None:
    """Export the best checkpoint as a SavedModel; it replaces an earlier one.

    Its signature `serving_default` takes `words`, string [batch], and returns the answers of the task and `readable`,
    each [batch].

    Args:
        estimator: of a trained network.
        alphabet: of its training.
        language: of its words.
        directory: of the SavedModel; TensorFlow Serving requires its name to be a number.
    """

    def receive() -> tf.estimator.export.ServingInputReceiver:
        words = tf.compat.v1.placeholder(tf.string, [None], name="words")
        return tf.estimator.export.ServingInputReceiver(make_features(words, alphabet, language), {"words": words})

    directory.parent.mkdir(exist_ok=True)
    exported = Path(estimator.export_saved_model(str(directory.parent), receive).decode())
    shutil.rmtree(directory, ignore_errors=True)
    exported.rename(directory)
