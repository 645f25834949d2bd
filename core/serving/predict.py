"""Predicts with a trained network."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import tensorflow as tf

from core.data.input_fn import InputFn
from core.network.architecture import Architecture
from core.training.estimator import make_estimator
from core.training.model_fn import make_model_fn


def restore_network(architecture: Architecture, model_dir: Path) -> tf.estimator.Estimator:
    """Make an Estimator that predicts with the best checkpoint in model_dir."""
    return make_estimator(model_fn=make_model_fn(architecture), model_dir=model_dir, seed=None)


def predict(estimator: tf.estimator.Estimator, *, input_fn: InputFn) -> Iterator[Mapping[str, float]]:
    """Answer with the best checkpoint: a mapping of answers for each word, in the order of the words."""
    for answers in estimator.predict(input_fn):
        yield {name: value.item() for name, value in answers.items()}
