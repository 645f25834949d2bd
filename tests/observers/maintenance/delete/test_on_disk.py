import pytest

from observers.maintenance.delete.on_disk import (
    NotEmptiedError,
    check_removable,
    count_files,
    empty,
    put_back,
    remove,
    set_aside,
)


@pytest.fixture
def directory(tmp_path):
    """The directory of a run with an artifact in a directory of its own, and links that lead out."""
    run = tmp_path / "runs" / "7"
    (run / "model" / "best").mkdir(parents=True)
    for name in ("run.json", "info.json", "cout.txt", "model/best/weights"):
        (run / name).touch()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").touch()
    (run / "link").symlink_to(tmp_path / "outside")
    (run / "model" / "file").symlink_to(tmp_path / "outside" / "file")
    return run


def test_links_are_removed_and_not_followed(directory):
    assert count_files(directory) == 5
    check_removable(directory)
    empty(directory)

    assert sorted(path.name for path in directory.iterdir()) == ["info.json", "run.json"]
    remove(directory)
    assert not directory.exists()
    assert (directory.parent.parent / "outside" / "file").exists()


def test_setting_aside_can_be_undone(directory):
    aside = set_aside(directory)

    assert aside.name.startswith(".deleted-7-")
    assert set_aside(aside) == aside
    assert put_back(aside) == directory
    assert count_files(directory) == 5


def test_nothing_is_put_back_onto_another_run(directory):
    aside = set_aside(directory)
    directory.mkdir()

    with pytest.raises(FileExistsError, match=r"runs/7 exists again"):
        put_back(aside)


def test_the_first_file_that_cannot_be_removed_is_named(directory, make_immutable):
    make_immutable(directory / "model" / "best" / "weights")

    with pytest.raises(
        NotEmptiedError, match=r"^model/best/weights: Operation not permitted; ask its owner"
    ) as stopped:
        empty(directory)
    assert stopped.value.removed == 0
    make_immutable(directory / "model" / "best" / "weights", False)
    make_immutable(directory / "cout.txt")
    with pytest.raises(NotEmptiedError, match=r"^cout.txt: Operation not permitted; ") as stopped:
        empty(directory)
    assert stopped.value.removed >= 3


def test_directories_within_directories_are_removed(directory):
    inner = directory / "model"
    for _ in range(40):
        inner = inner / "d"
        inner.mkdir()
    empty(directory)

    assert sorted(path.name for path in directory.iterdir()) == ["info.json", "run.json"]
