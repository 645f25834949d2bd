import errno
import sys

import pytest

from observers.attempts import RESERVE, Attempts
from tests.observers.conftest import fill_disk


@pytest.fixture
def attempt(tmp_path):
    return Attempts(tmp_path)


def fail():
    raise ValueError("on purpose")


def test_what_fails_is_said_once(attempt, tmp_path, capsys):
    attempt("a point", fail)
    attempt("a point", fail)
    attempt("a file", fail)

    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}: a point is not recorded: on purpose",
        f"{tmp_path}: a file is not recorded: on purpose",
    ]


def test_what_fails_is_tried_once_where_the_disk_has_room(attempt, capsys):
    tries = []

    def fail_again():
        tries.append(1)
        fail()

    attempt("a point", fail_again)

    assert tries == [1]
    assert "on purpose" in capsys.readouterr().err


def test_a_full_disk_has_room_once_more(small_disk, capsys):
    disk = small_disk("2m")
    attempt = Attempts(disk)
    fill_disk(disk / "large")
    attempt("a file", lambda: (disk / "file").write_bytes(bytes(1 << 19)))

    assert (disk / "file").stat().st_size == 1 << 19
    assert not (disk / RESERVE).exists()
    assert capsys.readouterr().err == ""

    fill_disk(disk / "larger")
    attempt("another", lambda: (disk / "another").write_bytes(bytes(1 << 19)))

    assert (
        capsys.readouterr().err == f"{disk}: another is not recorded: [Errno {errno.ENOSPC}] No space left on device\n"
    )


def test_a_reserve_that_cannot_be_made_is_an_error(small_disk):
    with pytest.raises(OSError, match="No space left"):
        Attempts(small_disk("100k"))


def test_what_cannot_be_said_is_no_error(attempt, monkeypatch):
    class Closed:
        def write(self, text):
            raise ValueError("I/O operation on closed file")

    monkeypatch.setattr(sys, "stderr", Closed())

    attempt("a point", fail)


def test_a_reserve_is_given_up_once(attempt, tmp_path):
    assert (tmp_path / RESERVE).stat().st_size == 1 << 20

    attempt.give_reserve_up()
    attempt.give_reserve_up()

    assert not (tmp_path / RESERVE).exists()
