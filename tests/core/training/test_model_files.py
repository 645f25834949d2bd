"""Which files of a model are damaged, and what reaches the disk."""

import errno
import os

import pytest

from core.data.alphabet import load_alphabet
from core.training.model_files import (
    digest,
    find_checkpoint_damage,
    find_file_damage,
    find_model_damage,
    remove_checkpoints,
    replace_text,
    save_alphabet,
    set_latest,
    sync_tree,
)
from tests.core.small_training import ALPHABET, train_small
from tests.power_cut import Names, watch


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The directory of a trained model; to be read only."""
    model_dir = tmp_path_factory.mktemp("model")
    train_small(model_dir, max_steps=10)
    return model_dir


@pytest.fixture
def model(trained, tmp_path):
    """A copy without the states, with an alphabet."""
    save_alphabet(ALPHABET, tmp_path)
    for path in trained.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_a_trained_model_is_whole(model):
    assert find_checkpoint_damage(model) is None
    assert find_model_damage(model) is None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("checkpoint", b"", "is empty"),
        ("checkpoint", None, "is missing"),
        ("checkpoint", bytes(80), "names no checkpoint"),
        ("model.ckpt-*.index", b"", "is empty"),
        ("model.ckpt-*.index", None, "is missing"),
        ("model.ckpt-*.index", bytes(600), "is torn"),
        ("model.ckpt-*.data-00000-of-00001", b"", "is empty"),
        ("model.ckpt-*.data-00000-of-00001", None, "is missing"),
    ],
)
def test_a_damaged_checkpoint_is_told_by_its_file(model, name, content, said):
    [path] = model.glob(name)
    path.unlink() if content is None else path.write_bytes(content)

    assert find_checkpoint_damage(model) == f"{path} {said}"


def test_an_empty_file_of_the_export_is_damage_of_the_model_but_not_of_the_checkpoint(model):
    (model / "export" / "1").mkdir(parents=True)
    (model / "export" / "1" / "saved_model.pb").touch()
    (model / "events.out.tfevents.1.here").touch()  # nothing was logged yet

    assert find_checkpoint_damage(model) is None
    assert find_model_damage(model) == f"{model}/export/1/saved_model.pb is empty"


def test_without_its_alphabet_a_model_is_damaged_but_not_its_checkpoint(model):
    (model / "alphabet.txt").unlink()

    assert find_checkpoint_damage(model) is None
    assert find_model_damage(model) == f"{model}/alphabet.txt is missing"


@pytest.mark.parametrize("failures", [1, 3, 4])
def test_a_flush_that_fails_is_tried_again(tmp_path, monkeypatch, failures):
    calls = iter([errno.EIO] * failures)

    def fail(descriptor):
        if error := next(calls, None):
            raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", fail)
    (tmp_path / "model").mkdir()
    if failures < 4:
        save_alphabet(ALPHABET, tmp_path / "model")
        assert load_alphabet(tmp_path / "model") == ALPHABET
    else:
        with pytest.raises(OSError, match=f"Input/output error: '{tmp_path}/model'"):
            sync_tree(tmp_path / "model")


def test_a_digest_tells_a_changed_file_from_the_one_that_was_written(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    written = digest(path)
    assert find_file_damage(path, written) is None
    path.write_bytes(b"contend")
    assert find_file_damage(path, written) == f"{path} is corrupt"
    assert find_file_damage(path) is None


def test_all_checkpoints_but_the_named_ones_are_removed(tmp_path):
    for step in (2, 20, 200):
        (tmp_path / f"model.ckpt-{step}.index").touch()
    (tmp_path / "checkpoint").touch()
    remove_checkpoints(tmp_path, keep=frozenset(["model.ckpt-20"]))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint", "model.ckpt-20.index"]


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(tmp_path / "file", "\ud800")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_a_flushed_tree_and_the_name_of_a_checkpoint_survive_a_power_cut(tmp_path):
    watched = tmp_path / "watched"
    watched.mkdir()
    with watch(watched) as disk:
        (watched / "model" / "export").mkdir(parents=True)
        (watched / "model" / "export" / "file").write_text("text")
        sync_tree(watched / "model")
        set_latest(watched / "model", "model.ckpt-3")
    disk.build(disk.cuts[-1], tmp_path / "after", Names.FLUSHED)

    assert (tmp_path / "after" / "model" / "export" / "file").read_text() == "text"
    assert "model.ckpt-3" in (tmp_path / "after" / "model" / "checkpoint").read_text()
