import errno
import os

import pytest

from observers.system.appended_file import AppendedFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lines.txt"


@pytest.fixture
def file(path):
    file = AppendedFile(path)
    yield file
    file.close()


def test_data_is_appended_at_once(path, file):
    file.append(b"one\n")
    at_once = path.read_bytes()
    file.append(b"two\n")

    assert (at_once, path.read_bytes(), file.size()) == (b"one\n", b"one\ntwo\n", 8)
    assert (file.keep_in_place(), file.cut_bytes()) == ("", 0)


def test_a_file_that_must_be_new_is_not_opened(path):
    path.touch()

    with pytest.raises(FileExistsError):
        AppendedFile(path, must_be_new=True)


def test_data_that_is_written_in_part_is_removed_even_if_that_fails_at_first(path, file, monkeypatch):
    file.append(b"one\n")
    with monkeypatch.context() as patch:
        patch.setattr("os.write", lambda number, data, write=os.write: write(number, data[:2]))
        patch.setattr("os.ftruncate", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
        with pytest.raises(OSError, match="Input/output error"):
            file.append(b"two\n")
    torn = path.read_bytes()
    file.append(b"three\n")

    assert (torn, path.read_bytes()) == (b"one\ntw", b"one\nthree\n")


def test_a_removed_file_is_written_again_and_appended_to(path, file):
    file.append(b"one\n")
    path.unlink()
    message = file.keep_in_place()
    file.append(b"two\n")

    assert message == "lines.txt was removed while the run went on, and is written again"
    assert path.read_bytes() == b"one\ntwo\n"


def test_what_replaces_a_file_gets_another_name(path, file):
    file.append(b"one\n")
    path.unlink()
    path.mkdir()
    message = file.keep_in_place()
    [aside] = path.parent.glob("lines.replaced-*.txt")

    assert message == f"lines.txt was replaced while the run went on; the other file is now {aside.name}"
    assert aside.is_dir()
    assert path.read_bytes() == b"one\n"


def test_bytes_that_others_cut_off_are_counted_once(path, file):
    file.append(b"one\ntwo\n")
    os.truncate(path, 3)
    file.append(b"three\n")

    assert (file.cut_bytes(), file.cut_bytes()) == (5, 0)


def test_a_closed_file_is_neither_synced_nor_written_again(path, file):
    file.close()
    path.unlink()
    file.sync()

    assert (file.keep_in_place(), file.cut_bytes(), path.exists()) == ("", 0, False)
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.append(b"one\n")


def test_only_what_is_new_is_flushed(file, monkeypatch):
    flushed: list[int] = []
    monkeypatch.setattr("os.fsync", flushed.append)
    file.append(b"one")
    file.sync()
    file.sync()
    file.append(b"two")
    file.sync()

    assert len(flushed) == 2


def test_a_flush_that_failed_is_tried_again(file, monkeypatch):
    errors = [OSError(errno.EIO, "Input/output error")]
    flushed: list[int] = []

    def fail_once(descriptor):
        if errors:
            raise errors.pop()
        flushed.append(descriptor)

    monkeypatch.setattr("os.fsync", fail_once)
    file.append(b"one")
    with pytest.raises(OSError, match="Input/output error"):
        file.sync()
    file.sync()

    assert len(flushed) == 1


@pytest.fixture
def torn(tmp_path, monkeypatch):
    """A file whose last append was written in part, and could not be cut."""
    file = AppendedFile(tmp_path / "file")
    file.append(b"first\n")
    write = os.write
    with monkeypatch.context() as broken:
        broken.setattr("os.write", lambda descriptor, data: write(descriptor, data[:3]))
        broken.setattr("os.ftruncate", _fail)
        with pytest.raises(OSError, match="Input/output error"):
            file.append(b"second\n")
    yield file
    file.close()


def _fail(*_):
    raise OSError(errno.EIO, "Input/output error")


def test_a_torn_append_is_no_cut_of_others(torn):
    assert torn.cut_bytes() == 0
    torn.append(b"third\n")
    assert torn.cut_bytes() == 0
    assert torn.path.read_bytes() == b"first\nthird\n"


def test_a_file_that_replaces_a_torn_one_is_not_cut(torn):
    torn.path.unlink()
    torn.path.write_bytes(b"first\n")
    torn.switch()
    torn.append(b"third\n")

    assert torn.path.read_bytes() == b"first\nthird\n"


def test_a_torn_append_is_not_written_again(torn):
    torn.path.unlink()
    torn.keep_in_place()
    torn.append(b"third\n")

    assert torn.path.read_bytes() == b"first\nthird\n"
