"""The simulation of power cuts keeps what was flushed, and nothing else."""

import os
from pathlib import Path

import pytest

from observers.system.files import atomic_write, copy_new
from tests.power_cut import Names, watch


def flush(path):
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.close(file)


@pytest.fixture
def after(tmp_path):
    """Run a function in an empty directory; return the names and texts after a cut at its end."""

    def after(function, names, cut=-1):
        watched = tmp_path / "watched"
        watched.mkdir(exist_ok=True)
        with watch(watched) as disk:
            function(watched)
        target = tmp_path / f"after {names} {cut}"
        disk.build(disk.cuts[cut], target, names)
        return {
            path.relative_to(target).as_posix(): path.read_text() if path.is_file() else None
            for path in target.rglob("*")
        }

    return after


def write(directory):
    (directory / "file").write_text("text")


def write_and_flush(directory):
    write(directory)
    flush(directory / "file")


def flush_name_only(directory):
    write(directory)
    flush(directory)


def flush_both(directory):
    write_and_flush(directory)
    flush(directory)


def append_after(directory):
    flush_both(directory)
    with (directory / "file").open("a") as file:
        file.write("more")


def rename_after(directory):
    flush_both(directory)
    (directory / "file").rename(directory / "renamed")


def remove_after(directory):
    flush_both(directory)
    (directory / "file").unlink()


def replace_by_unflushed(directory):
    flush_both(directory)
    (directory / "new").write_text("new")
    (directory / "new").rename(directory / "file")


def flush_deep(directory):
    (directory / "a" / "b").mkdir(parents=True)
    flush_both(directory / "a" / "b")


def reuse_the_inode(directory):
    flush_both(directory)
    (directory / "file").unlink()
    (directory / "other").write_text("other")


@pytest.mark.parametrize(
    ("function", "flushed", "written"),
    [
        (write, {}, {"file": ""}),
        (write_and_flush, {}, {"file": "text"}),
        (flush_name_only, {"file": ""}, {"file": ""}),
        (flush_both, {"file": "text"}, {"file": "text"}),
        (append_after, {"file": "text"}, {"file": "text"}),
        (rename_after, {"file": "text"}, {"renamed": "text"}),
        (remove_after, {"file": "text"}, {}),
        (replace_by_unflushed, {"file": "text"}, {"file": ""}),
        (flush_deep, {}, {"a": None, "a/b": None, "a/b/file": "text"}),
        (reuse_the_inode, {"file": "text"}, {"other": ""}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_only_what_was_flushed_survives(after, function, flushed, written):
    assert after(function, Names.FLUSHED) == flushed


def texts_after_each_cut(disk, tmp_path, name):
    """Build the disk after each cut, and return the texts that one file has; None where it is missing."""
    texts = []
    for number, cut in enumerate(disk.cuts):
        for names in Names:
            target = tmp_path / f"{number} {names}"
            disk.build(cut, target, names)
            texts.append((target / name).read_text() if (target / name).exists() else None)
    return texts


def test_a_file_that_is_replaced_atomically_is_old_or_new_after_each_cut(tmp_path):
    watched = tmp_path / "watched"
    watched.mkdir()
    (watched / "file").write_text("old")
    with watch(watched) as disk, atomic_write(watched / "file") as file:
        file.write(b"new")
    texts = texts_after_each_cut(disk, tmp_path, "file")

    assert set(texts) == {"old", "new"}
    assert texts[-2:] == ["new", "new"]
    assert [Path(cut.before).parent for cut in disk.cuts] == [Path()] * 3


def test_a_copied_file_is_whole_or_missing_after_each_cut_in_new_directories_too(tmp_path):
    watched = tmp_path / "watched"
    watched.mkdir()
    (tmp_path / "source").write_text("text")
    with watch(watched) as disk:
        copy_new(tmp_path / "source", watched / "a" / "b" / "copy")
    texts = texts_after_each_cut(disk, tmp_path, "a/b/copy")

    assert set(texts) == {None, "text"}
    assert texts[-2:] == ["text", "text"]
