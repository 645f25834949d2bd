import os
import socket
from pathlib import Path

import pytest

from observers.system.untrusted.descriptors import shown
from observers.system.untrusted.opening import (
    UnsafeFileError,
    data_parts,
    directory_inside,
    is_file_inside,
    open_inside,
    read_end,
    read_inside,
    size_inside,
)
from tests.open_files import open_files


@pytest.fixture
def root(tmp_path):
    """A directory with a file and a directory in it, and a file beside it."""
    (tmp_path / "root" / "inner").mkdir(parents=True)
    (tmp_path / "root" / "file").write_bytes(b"content")
    (tmp_path / "root" / "inner" / "file").write_bytes(b"inner")
    (tmp_path / "outside").write_bytes(b"secret")
    return tmp_path / "root"


def refusal(root, name):
    with pytest.raises(UnsafeFileError) as refused:
        open_inside(root, name)
    assert "\n" not in str(refused.value)
    assert not is_file_inside(root, name)
    assert str(refused.value) == f"{shown(name)} {refused.value.strerror}"
    return refused.value.strerror


def test_a_file_is_read_whole_or_its_end(root):
    assert read_inside(root, "file") == read_inside(root, Path("file")) == b"content"
    assert read_inside(root, "inner/file") == b"inner"
    assert read_end(root, "file", 3) == (b"ent", 4)
    assert read_end(root, "file", 100) == (b"content", 0)
    assert size_inside(root, "file") == 7


def test_the_root_itself_may_be_a_link(root):
    (root.parent / "link").symlink_to("root")

    assert read_inside(root.parent / "link", "inner/file") == b"inner"


@pytest.mark.parametrize("target", ["inner/file", "../root/inner/file"])
def test_a_link_within_the_root_is_followed(root, target):
    (root / "link").symlink_to(target)
    (root / "directory").symlink_to("inner")

    assert read_inside(root, "link") == read_inside(root, "directory/file") == b"inner"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/hostname", "is outside of the directory"),
        ("../outside", "is outside of the directory"),
        ("inner/../../outside", "is outside of the directory"),
        ("..", "is outside of the directory"),
        (".", "is outside of the directory"),
        ("file\0", "is outside of the directory"),
        ("", "is not the name of a file"),
        ("\ud800", "is not the name of a file"),
        (7, "is not the name of a file"),
        (None, "is not the name of a file"),
        (["file"], "is not the name of a file"),
        ("inner", "is a directory"),
    ],
)
def test_what_names_no_file_inside_is_refused(root, name, reason):
    assert refusal(root, name) == reason


@pytest.mark.parametrize("target", ["../outside", "/dev/zero", "/etc/hostname", ".."])
def test_a_link_that_leads_out_is_refused_wherever_it_stands(root, target):
    (root / "link").symlink_to(target)
    (root / "out").symlink_to("..")

    assert refusal(root, "link") == "is a link that leads out of the directory"
    assert refusal(root, "out/outside") == "is a link that leads out of the directory"


def test_a_link_to_itself_is_refused(root):
    (root / "link").symlink_to("link")

    assert refusal(root, "link") == "is a link to itself"


def test_a_pipe_a_socket_and_a_device_are_refused_at_once(root):
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket"))

    assert refusal(root, "pipe") == "is a pipe"
    assert refusal(root, "socket") == "is a socket"
    with pytest.raises(UnsafeFileError, match="null is a device"):
        open_inside(Path("/dev"), "null")


@pytest.mark.parametrize("name", ["missing", "inner/missing", "missing/file"])
def test_a_missing_file_is_not_found(root, name):
    with pytest.raises(FileNotFoundError) as missing:
        open_inside(root, name)

    assert str(missing.value) == f"{name} is missing"
    assert missing.value.strerror == "No such file or directory; correct the path"


def test_a_huge_file_is_refused_without_reading_it(root):
    with (root / "huge").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(UnsafeFileError, match=r"^huge has 1099511627776 bytes: at most 268435456 are read$"):
        read_inside(root, "huge")
    assert read_end(root, "huge", 2) == (b"\0\0", (1 << 40) - 2)


def test_the_holes_of_a_file_are_left_out(root):
    with (root / "holes").open("wb") as file:
        for place in (1 << 39, 1 << 38, 0):
            file.seek(place)
            file.write(b"data")
        file.truncate(1 << 40)

    with open_inside(root, "holes") as file:
        assert b"".join(data_parts(file)).strip(b"\0").count(b"data") == 3
    with open_inside(root, "file") as file:
        assert list(data_parts(file)) == [b"content"]


def test_no_file_stays_open(root):
    os.mkfifo(root / "pipe")
    (root / "link").symlink_to("../outside")
    before = open_files()
    for name in ("file", "inner/file", "pipe", "link", "missing", "inner", "inner/missing", "file/x"):
        is_file_inside(root, name)

    assert not open_files() - before


def test_a_directory_is_opened_only_without_links(root):
    (root / "link").symlink_to("inner")

    with directory_inside(root, "inner") as descriptor:
        assert os.stat("file", dir_fd=descriptor).st_size == 5
    with pytest.raises(OSError, match=r"^link: "), directory_inside(root, "link"):
        pass
