"""Explains how a network reads a word: its answer after each character, and the internals of its head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.network.graph_collections import ADDENDS, ARITHMETIC, PLACES, get_tensors
from core.serving.input_fn import make_features, make_prefix_input_fn, why_unreadable
from core.serving.trained_network import TrainedNetwork


@dataclass(frozen=True)
class Explanation:
    """How a network reads a word.

    Attributes:
        word: in the spelling of training, of `time` characters.
        backwards: whether the network reads the word from its last character to the first.
        answers: by name, the answer after each character that is read, [time].
        arithmetic: the internals of the head's arithmetic cells, empty if it has none: `weights`, float32 [weights],
            and `gate` after each character, float32 [time, units].
        places: the choices of the head `places` at each character that is read, empty for another head: `digit`
            [time, 10], `place` [time, 3] and `scale` [time, groups], probabilities.
        addends: `added`, float32 [time], what the heads `codebook` and `product` add at each character that is read;
            empty for another head.
    """

    word: str
    backwards: bool
    answers: Mapping[str, npt.NDArray]
    arithmetic: Mapping[str, npt.NDArray] = field(default_factory=dict)
    places: Mapping[str, npt.NDArray] = field(default_factory=dict)
    addends: Mapping[str, npt.NDArray] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, float]]:
        """The answers after each character, like those to readable words."""
        columns = [values.tolist() for values in self.answers.values()]
        return [{**dict(zip(self.answers, row, strict=True)), "readable": 1} for row in zip(*columns, strict=True)]

    @property
    def distances(self) -> npt.NDArray:
        """The distance of each weight from the nearest of -1, 0 and 1, the values it should tend to: 0 to 0.5."""
        weights = self.arithmetic["weights"]
        return np.abs(weights - np.round(weights))

    @property
    def parts(self) -> list[str]:
        """What the network has read after each character."""
        length = len(self.word)
        return [self.word[length - end :] if self.backwards else self.word[:end] for end in range(1, length + 1)]


def explain(network: TrainedNetwork, word: str) -> Explanation:
    """Predict after every character of a word, with the best checkpoint.

    Args:
        network: with its best checkpoint.
        word: as a person writes it.

    Raises:
        ValueError: if the word cannot be read.
    """
    tensors = make_features(tf.constant([word]), network.encoder, network.language)
    features = {name: values.numpy() for name, values in tensors.items()}
    if not features["readable"][0]:
        reason = why_unreadable(word, network.encoder, network.language)
        raise ValueError(f"word={word} cannot be read: {reason}")
    characters = features["characters"][0]
    recorder = _InternalsHook()
    rows = list(network.estimator.predict(make_prefix_input_fn(characters), hooks=[recorder]))
    return Explanation(
        word=network.encoder.decode(characters),
        backwards=network.encoder.backwards,
        answers={name: np.array([row[name] for row in rows]) for name in rows[0] if name != "readable"},
        arithmetic=_arithmetic([batch[ARITHMETIC] for batch in recorder.batches]),
        # What is chosen does not depend on later characters: the last row has that of the whole word.
        places={name: values[-1] for name, values in recorder.batches[-1][PLACES].items()},
        addends={name: values[-1] for name, values in recorder.batches[-1][ADDENDS].items()},
    )


def _arithmetic(batches: Sequence[Mapping[str, npt.NDArray]]) -> dict[str, npt.NDArray]:
    """Join the weights of all cells of the head, and the gates after each character."""
    weights = [value.ravel() for name, value in sorted(batches[-1].items()) if name.startswith("weights/")]
    gates = [batch["gate"] for batch in batches if "gate" in batch]
    return {
        **({"weights": np.concatenate(weights)} if weights else {}),
        **({"gate": np.concatenate(gates)} if gates else {}),
    }


class _InternalsHook(tf.estimator.SessionRunHook):
    """Collects the internals of the head for each batch."""

    def __init__(self) -> None:
        self.batches: list[Mapping[str, Mapping[str, Any]]] = []

    def begin(self) -> None:
        """Find the tensors in the graph."""
        self._tensors = {kind: get_tensors(kind) for kind in (ADDENDS, ARITHMETIC, PLACES)}

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs:
        """Fetch them."""
        return tf.estimator.SessionRunArgs(self._tensors)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Keep them."""
        self.batches.append(run_values.results)
