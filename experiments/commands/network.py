"""Loads the network of a trained run."""

from typing import TYPE_CHECKING, Any, NamedTuple

from core.data.characters import Alphabet, load_alphabet
from core.network.architecture import Architecture
from experiments.commands.trained_run import TrainedRun
from experiments.pipeline.config import ENTRIES, make_architecture
from experiments.pipeline.errors import UserError
from experiments.pipeline.tensorflow import import_tensorflow

if TYPE_CHECKING:
    import tensorflow as tf


class TrainedNetwork(NamedTuple):
    """A network with its best checkpoint.

    Attributes:
        estimator: predicts with the checkpoint.
        alphabet: the characters of its training.
        language: of its words.
    """

    estimator: "tf.estimator.Estimator"
    alphabet: Alphabet
    language: str


def load_network(trained_run: TrainedRun) -> TrainedNetwork:
    """Load the network of a run.

    This imports TensorFlow, which takes seconds, so call it after all other checks.

    Raises:
        UserError: if the alphabet or the config of the run is damaged; TensorFlow is not imported then.
    """
    alphabet = _read_alphabet(trained_run)
    architecture = _read_architecture(trained_run, alphabet)
    language = _read_entry(trained_run, "language")
    import_tensorflow()
    from core.serving.predict import restore_network

    return TrainedNetwork(restore_network(architecture, trained_run.model_dir), alphabet, language)


def _read_alphabet(trained_run: TrainedRun) -> Alphabet:
    try:
        return load_alphabet(trained_run.model_dir)
    except (OSError, ValueError) as error:
        raise UserError(f"the alphabet in {trained_run.model_dir} cannot be read: {error}") from error


def _read_architecture(trained_run: TrainedRun, alphabet: Alphabet) -> Architecture:
    names = ("task", "head", "embedding", "hidden", "max_number")
    config = {name: _read_entry(trained_run, name) for name in names}
    try:
        return make_architecture(config, alphabet_size=alphabet.size)
    except ValueError as error:
        raise UserError(f"{trained_run.directory / 'config.json'}: {error}") from error


def _read_entry(trained_run: TrainedRun, name: str) -> Any:
    value = trained_run.config.get(name)
    if not ENTRIES[name].allows(value):
        config = trained_run.directory / "config.json"
        raise UserError(f"{name}={value!r} in {config} is not {ENTRIES[name].allowed()}")
    return value
