"""Explains how a network reads a word: its answer after each character, and the internals of its arithmetic cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.data.characters import FIRST_LETTER, Alphabet
from core.network.graph_collections import ARITHMETIC, get_tensors
from core.serving.input_fn import LONGEST_WORD, make_features, make_prefix_input_fn


@dataclass(frozen=True)
class Explanation:
    """How a network reads a word.

    Attributes:
        word: as the network reads it, of `time` characters.
        answers: by name, the answer after each character, [time].
        arithmetic: the internals of the head's arithmetic cell, empty if it has none: `weights`, float32
            [hidden, units], and `gate` after each character, float32 [time, units].
    """

    word: str
    answers: Mapping[str, npt.NDArray]
    arithmetic: Mapping[str, npt.NDArray]

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
    def prefixes(self) -> list[str]:
        """The prefix of the word after each character."""
        return [self.word[: end + 1] for end in range(len(self.word))]


def explain(estimator: tf.estimator.Estimator, *, word: str, alphabet: Alphabet, language: str) -> Explanation:
    """Predict every prefix of a word with the best checkpoint.

    Args:
        estimator: of a trained network.
        word: as a person writes it.
        alphabet: of its training.
        language: of its words.

    Raises:
        ValueError: if the word cannot be read.
    """
    features = {
        name: values.numpy() for name, values in make_features(tf.constant([word]), alphabet, language).items()
    }
    if not features["readable"][0]:
        trained = "".join(alphabet.letters)
        raise ValueError(
            f"word={word} cannot be read: it must have 1 to {LONGEST_WORD} characters, all of them seen in training:"
            f" {trained!r}"
        )
    characters = features["characters"][0]
    recorder = _ArithmeticHook()
    rows = list(estimator.predict(make_prefix_input_fn(characters), hooks=[recorder]))
    return Explanation(
        word="".join(alphabet.letters[place - FIRST_LETTER] for place in characters),
        answers={name: np.array([row[name] for row in rows]) for name in rows[0] if name != "readable"},
        arithmetic={
            name: np.concatenate([batch[name] for batch in recorder.batches]) if name == "gate" else value
            for name, value in recorder.batches[-1].items()
        },
    )


class _ArithmeticHook(tf.estimator.SessionRunHook):
    """Collects the internals of the arithmetic cell for each batch."""

    def __init__(self) -> None:
        self.batches: list[Mapping[str, Any]] = []

    def begin(self) -> None:
        self._tensors = get_tensors(ARITHMETIC)

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs:
        return tf.estimator.SessionRunArgs(self._tensors)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self.batches.append(run_values.results)
