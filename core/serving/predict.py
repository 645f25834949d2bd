"""Predicts with a trained network."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.serving.input_fn import make_examples_input_fn, make_prediction_input_fn
from core.serving.trained_network import TrainedNetwork


def predict(network: TrainedNetwork, words: Iterable[str]) -> Iterator[Mapping[str, float]]:
    """Answer words as people write them: a mapping of answers for each word, in their order.

    Words are read on demand.
    """
    input_fn = make_prediction_input_fn(words=words, encoder=network.encoder, language=network.language)
    for answers in network.estimator.predict(input_fn):
        yield {name: value.item() for name, value in answers.items()}


def predict_examples(network: TrainedNetwork, words: Sequence[str]) -> Mapping[str, npt.NDArray]:
    """Answer number words exactly as an evaluation reads them, an unknown character as such: answers [examples]."""
    input_fn = make_examples_input_fn(network.encoder.encode_all(words))
    batches = list(network.estimator.predict(input_fn, yield_single_examples=False))
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0] if name != "readable"}
