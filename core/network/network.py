"""Builds the network: characters in, the outputs of the head out."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from core.network.architecture import Architecture
from core.network.heads.registry import HEADS
from core.network.states.encoder import encode_words


def build_outputs(features: Mapping[str, tf.Tensor], architecture: Architecture, *, parts: int = 1) -> tf.Tensor:
    """Build the network in the default graph.

    Args:
        features: `characters`, int32 [batch, time], in the order of reading, and `lengths`, int32 [batch].
        architecture: what to build.
        parts: the batch is read in this many parts (`core.network.states.encoder.parts_of_batch`).

    Returns:
        The outputs of the head, as its objective takes them.
    """
    with tf.compat.v1.variable_scope(tf.compat.v1.get_variable_scope(), custom_getter=_seed_by_name):
        reading = encode_words(
            features["characters"],
            features["lengths"],
            alphabet_size=architecture.alphabet_size,
            embedding=architecture.embedding,
            hidden=architecture.hidden,
            memory=architecture.memory,
            parts=parts,
        )
        return HEADS[architecture.head].layer(reading, architecture)


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
