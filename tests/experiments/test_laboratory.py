"""The model of a run is whole when the run is recorded as completed."""

from pathlib import Path

import pytest
from sacred import Experiment

from core.data.alphabet import Alphabet
from core.training.model_files import save_alphabet, set_latest
from experiments.laboratory import _model_directory
from observers.directory.observer import RunDirectoryObserver, unrecorded_of


@pytest.fixture
def train(tmp_path):
    """Record a run that makes the files of a model, and lets a function change them; return what is not recorded."""

    def record(change):
        experiment = Experiment("small", base_dir=str(tmp_path), save_git_info=False)
        experiment.observers.append(RunDirectoryObserver(tmp_path / "runs"))

        @experiment.main
        def make(_run):
            with _model_directory(_run) as model_dir:
                save_alphabet(Alphabet("ab"), model_dir)
                set_latest(model_dir, "model.ckpt-1")
                (model_dir / "model.ckpt-1.index").write_bytes(bytes.fromhex("57fb808b247547db"))
                (model_dir / "model.ckpt-1.data-00000-of-00001").write_bytes(b"weights")
                change(model_dir)

        return unrecorded_of(experiment.run().observers)

    return record


def test_a_model_that_is_whole_at_the_end_is_recorded_without_a_word(train, capsys):
    assert train(Path.exists) == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["alphabet.txt", "model.ckpt-1.index", "checkpoint"])
def test_a_file_of_the_model_that_others_have_removed_is_reported_as_lost(train, capsys, tmp_path, name):
    assert train(lambda model_dir: (model_dir / name).unlink()) == ["model"]

    run = tmp_path / "runs" / "1"
    expected = f"{run}: {run}/model/{name} is missing; others have changed the model while the run went on"
    assert expected in capsys.readouterr().err.splitlines()
