"""Looks inside a network while it reads a word: what it would answer after each character, and its arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.characters import FIRST_LETTER, Alphabet
from core.inputs import LONGEST, ask, make_prefix_input_fn
from core.published import ARITHMETIC, published


@dataclass(frozen=True)
class Explanation:
    """What a network holds while it reads a word.

    Attributes:
        word: as the network reads it, of `time` characters.
        answers: by name, the answer after each character, [time].
        arithmetic: what the cell of the head publishes, nothing where there is none: `weights`, float32
            [hidden, units], and `gate` after each character, float32 [time, units].
    """

    word: str
    answers: Mapping[str, npt.NDArray]
    arithmetic: Mapping[str, npt.NDArray]

    @property
    def rows(self) -> list[dict[str, float]]:
        """The answers after each character, as those to a readable word."""
        columns = [values.tolist() for values in self.answers.values()]
        return [{**dict(zip(self.answers, row, strict=True)), "readable": 1} for row in zip(*columns, strict=True)]

    @property
    def distances(self) -> npt.NDArray:
        """How far each weight is from the nearest of -1, 0 and 1, for which it is meant to settle: 0 to 0.5."""
        weights = self.arithmetic["weights"]
        return np.abs(weights - np.round(weights))

    @property
    def prefixes(self) -> list[str]:
        """What has been read after each character."""
        return [self.word[: end + 1] for end in range(len(self.word))]


def explain(estimator: tf.estimator.Estimator, *, word: str, alphabet: Alphabet, language: str) -> Explanation:
    """Ask the best checkpoint for every beginning of a word.

    Args:
        estimator: of a trained network.
        word: as a person writes it.
        alphabet: that it was trained with.
        language: of its words.

    Raises:
        ValueError: when the word cannot be read.
    """
    features = {name: values.numpy() for name, values in ask(tf.constant([word]), alphabet, language).items()}
    if not features["readable"][0]:
        trained = "".join(alphabet.letters)
        raise ValueError(
            f"word={word} cannot be read: it takes 1 to {LONGEST} characters of those learned, {trained!r}"
        )
    characters = features["characters"][0]
    watch = _WatchHook()
    rows = list(estimator.predict(make_prefix_input_fn(characters), hooks=[watch]))
    return Explanation(
        word="".join(alphabet.letters[place - FIRST_LETTER] for place in characters),
        answers={name: np.array([row[name] for row in rows]) for name in rows[0] if name != "readable"},
        arithmetic={
            name: np.concatenate([batch[name] for batch in watch.batches]) if name == "gate" else value
            for name, value in watch.batches[-1].items()
        },
    )


class _WatchHook(tf.estimator.SessionRunHook):
    """Keeps the arithmetic of each batch."""

    def __init__(self) -> None:
        self.batches: list[Mapping[str, Any]] = []

    def begin(self) -> None:
        self._tensors = published(ARITHMETIC)

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs:
        return tf.estimator.SessionRunArgs(self._tensors)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self.batches.append(run_values.results)
