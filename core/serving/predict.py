"""Predicts with a trained network."""

from collections.abc import Iterable, Iterator, Mapping

from core.serving.input_fn import make_prediction_input_fn
from core.serving.trained_network import TrainedNetwork


def predict(network: TrainedNetwork, words: Iterable[str]) -> Iterator[Mapping[str, float]]:
    """Answer words as people write them: a mapping of answers for each word, in their order.

    Words are read on demand.
    """
    input_fn = make_prediction_input_fn(words=words, encoder=network.encoder, language=network.language)
    for answers in network.estimator.predict(input_fn):
        yield {name: value.item() for name, value in answers.items()}
