"""Loads the network of a trained run."""

from typing import TYPE_CHECKING, Any

from core.data.alphabet import Alphabet, load_alphabet
from core.data.characters import Encoder
from core.network.architecture import Architecture
from experiments.commands.trained_run import TrainedRun
from experiments.pipeline.config import ENTRIES, complete, make_architecture
from experiments.pipeline.errors import UserError
from experiments.pipeline.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from core.serving.trained_network import TrainedNetwork

_ENTRIES = (
    "task",
    "head",
    "embedding",
    "hidden",
    "memory",
    "min_number",
    "max_number",
    "extrapolation_max",
    "direction",
    "language",
)


def load_network(trained_run: TrainedRun) -> "TrainedNetwork":
    """Load the network of a run.

    This imports TensorFlow, which takes seconds, so call it after all other checks.

    Raises:
        UserError: if the alphabet or the config of the run is damaged; TensorFlow is not imported then.
    """
    alphabet = _read_alphabet(trained_run)
    architecture, encoder, language = _read_config(trained_run, alphabet)
    import_tensorflow()
    from core.serving.trained_network import restore_network

    return restore_network(architecture, trained_run.model_dir, encoder=encoder, language=language)


def _read_alphabet(trained_run: TrainedRun) -> Alphabet:
    try:
        return load_alphabet(trained_run.model_dir)
    except (OSError, ValueError) as error:
        raise UserError(f"the alphabet in {trained_run.model_dir} cannot be read: {error}") from error


def _read_config(trained_run: TrainedRun, alphabet: Alphabet) -> tuple[Architecture, Encoder, str]:
    path, stored = trained_run.directory / "config.json", complete(trained_run.config)
    config: dict[str, Any] = {name: stored.get(name) for name in _ENTRIES}
    for name, value in config.items():
        if not ENTRIES[name].allows(value):
            raise UserError(f"{name}={value!r} in {path} is not {ENTRIES[name].allowed()}")
    try:
        architecture = make_architecture(config, alphabet_size=alphabet.size)
        return architecture, Encoder(alphabet, config["direction"]), config["language"]
    except ValueError as error:
        raise UserError(f"{path}: {error}") from error
