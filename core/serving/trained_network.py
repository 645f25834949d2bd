"""A trained network, with all that is needed to ask it."""

from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from core.data.characters import Encoder
from core.network.architecture import Architecture
from core.training.estimator import make_estimator
from core.training.model_fn import make_model_fn


@dataclass(frozen=True)
class TrainedNetwork:
    """A network with its best checkpoint.

    Attributes:
        estimator: predicts with the checkpoint.
        encoder: of its training.
        language: of its words.
    """

    estimator: tf.estimator.Estimator
    encoder: Encoder
    language: str


def restore_network(architecture: Architecture, model_dir: Path, *, encoder: Encoder, language: str) -> TrainedNetwork:
    """Make a network that predicts with the best checkpoint in model_dir."""
    estimator = make_estimator(model_fn=make_model_fn(architecture), model_dir=model_dir, seed=None)
    return TrainedNetwork(estimator, encoder, language)
