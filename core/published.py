"""Tensors that a graph shows to whoever wants to watch it, by kind and name, in graph collections.

Of the kinds ModeKeys.TRAIN and ModeKeys.EVAL are measures: those of the batch, float32 or float64 [], and the means
over all examples so far, float64 []. Of kind ARITHMETIC are the insides of an arithmetic cell, as `core.arithmetic`
names them.
"""

from collections.abc import Mapping

import tensorflow as tf

ARITHMETIC = "arithmetic"


def publish(kind: str, tensors: Mapping[str, tf.Tensor]) -> None:
    """Show tensors of the default graph."""
    for name, tensor in tensors.items():
        tf.compat.v1.add_to_collection(f"{kind}/{name}", tensor)


def published(kind: str) -> dict[str, tf.Tensor]:
    """Find the tensors of a kind in the default graph, by name."""
    graph = tf.compat.v1.get_default_graph()
    return {
        key.removeprefix(f"{kind}/"): graph.get_collection(key)[0]
        for key in sorted(graph.get_all_collection_keys())
        if key.startswith(f"{kind}/")
    }
