"""Builds the network: characters in, the outputs of the head out."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from core.network.architecture import Architecture
from core.network.encoder import encode_word
from core.network.heads import HEADS


def build_network(features: Mapping[str, tf.Tensor], architecture: Architecture, *, parts: int = 1) -> tf.Tensor:
    """Build the network in the default graph.

    Args:
        features: `characters`, int32 [batch, time], and `lengths`, int32 [batch].
        architecture: what to build.
        parts: the batch is read in this many parts (`core.network.encoder.parts_of_batch`).

    Returns:
        The outputs of the head, as the losses of its task take them.
    """
    with tf.compat.v1.variable_scope(tf.compat.v1.get_variable_scope(), custom_getter=_seed_by_name):
        state = encode_word(
            features["characters"],
            features["lengths"],
            alphabet_size=architecture.alphabet_size,
            embedding=architecture.embedding,
            hidden=architecture.hidden,
            parts=parts,
        )
        return HEADS[architecture.head](state, architecture.largest)


def _seed_by_name(getter: Callable[..., Any], name: str, *args: Any, **kwargs: Any) -> Any:
    """Seed the initial weights of a variable with the seed of the graph and the name of the variable.

    By default TensorFlow seeds an operation by its position in the graph. One more level for a longer longest word
    would then change all later initial weights.
    """
    if initializer := kwargs.get("initializer"):
        config = initializer.get_config()
        if "seed" in config:
            kwargs["initializer"] = initializer.from_config({**config, "seed": zlib.crc32(name.encode())})
    return getter(name, *args, **kwargs)
