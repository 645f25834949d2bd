"""Exports a network as a SavedModel that reads raw words and needs no code of this project."""

import shutil
from pathlib import Path

import tensorflow as tf

from core.serving.input_fn import make_features
from core.serving.trained_network import TrainedNetwork
from core.training.model_files import sync, sync_tree


def export(network: TrainedNetwork, directory: Path) -> None:
    """Export the best checkpoint as a SavedModel; it replaces an earlier one.

    Its signature `serving_default` takes `words`, string [batch], and returns the answers of the task and `readable`,
    each [batch].

    Args:
        network: with its best checkpoint.
        directory: of the SavedModel; TensorFlow Serving requires its name to be a number.
    """

    def receive() -> tf.estimator.export.ServingInputReceiver:
        words = tf.compat.v1.placeholder(tf.string, [None], name="words")
        features = make_features(words, network.encoder, network.language)
        return tf.estimator.export.ServingInputReceiver(features, {"words": words})

    directory.parent.mkdir(exist_ok=True)
    exported = Path(network.estimator.export_saved_model(str(directory.parent), receive).decode())
    sync_tree(exported)
    shutil.rmtree(directory, ignore_errors=True)
    exported.rename(directory)
    sync(directory.parent)
