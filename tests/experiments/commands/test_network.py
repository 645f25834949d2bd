"""Damaged runs are refused before TensorFlow is imported."""

import pytest

from experiments.commands import network
from experiments.commands.network import load_network
from experiments.pipeline.errors import UserError
from tests.experiments.commands.runs import make_trained_run, write_run


@pytest.fixture
def trained_run(tmp_path, monkeypatch):
    """A run; importing TensorFlow for it is an error."""

    def refuse():
        raise AssertionError("TensorFlow is imported")

    monkeypatch.setattr(network, "import_tensorflow", refuse)
    return make_trained_run(write_run(tmp_path, "1"))


@pytest.mark.parametrize("content", [b"", b"fa", b"aa", b"a\xff"])
def test_a_damaged_alphabet_is_refused(trained_run, content):
    (trained_run.model_dir / "alphabet.txt").write_bytes(content)
    with pytest.raises(UserError, match=r"the alphabet in .*/1/model cannot be read"):
        load_network(trained_run)


def test_a_missing_alphabet_is_refused(trained_run):
    (trained_run.model_dir / "alphabet.txt").unlink()
    with pytest.raises(UserError, match=r"the alphabet in .*/1/model cannot be read"):
        load_network(trained_run)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"hidden": "abc"}, "hidden='abc' in .*/1/config.json is not a whole number from 1 to 4096"),
        ({"hidden": 0}, "hidden=0 in .*/1/config.json is not a whole number from 1 to 4096"),
        ({"embedding": None}, "embedding=None in .*/1/config.json is not a whole number"),
        ({"max_number": True}, "max_number=True in .*/1/config.json is not a whole number"),
        ({"language": 3}, "language=3 in .*/1/config.json is not text"),
        ({"head": "softmax"}, "config.json: head=softmax is unknown for task=number"),
    ],
)
def test_a_config_without_a_usable_network_is_refused(trained_run, entry, message):
    with pytest.raises(UserError, match=message):
        load_network(make_trained_run(trained_run.directory, **entry))
