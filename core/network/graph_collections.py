"""Named tensors of a graph, kept in graph collections so that hooks find them without knowing the network.

The kinds are ModeKeys.TRAIN, the measures of the batch, float32 or float64 []; ModeKeys.EVAL, the means over all
examples so far, float64 []; ARITHMETIC, the internals of an arithmetic cell, named as in
`core.network.heads.arithmetic`; PLACES, the choices along words of `core.network.heads.places`; ADDENDS, `added`,
what a head of `core.network.heads.addends` adds at each character, float32 [batch, time]; and PENALTY, what training
adds to the loss, float32 [].
"""

from collections.abc import Mapping

import tensorflow as tf

ARITHMETIC = "arithmetic"
PLACES = "places"
ADDENDS = "addends"
PENALTY = "penalty"


def add_tensors(kind: str, tensors: Mapping[str, tf.Tensor]) -> None:
    """Add tensors of the default graph to the collections of a kind, by name."""
    for name, tensor in tensors.items():
        tf.compat.v1.add_to_collection(f"{kind}/{name}", tensor)


def get_tensors(kind: str) -> dict[str, tf.Tensor]:
    """Return the tensors of a kind in the default graph, by name; of the network built last, if there are several."""
    graph = tf.compat.v1.get_default_graph()
    return {
        key.removeprefix(f"{kind}/"): graph.get_collection(key)[-1]
        for key in sorted(graph.get_all_collection_keys())
        if key.startswith(f"{kind}/")
    }
