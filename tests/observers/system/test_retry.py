import errno
import os
import time

import pytest

from observers.system.retry import RESERVE, WriteRetry, call_patiently
from tests.observers.conftest import fill_disk


@pytest.fixture
def retry(tmp_path):
    return WriteRetry(tmp_path)


def fail():
    raise ValueError("on purpose")


def test_an_error_is_reported_once(retry, tmp_path, capsys):
    retry("a point", fail)
    retry("a point", fail)
    retry("a file", fail)

    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}: a point is not recorded: on purpose",
        f"{tmp_path}: a file is not recorded: on purpose",
    ]


def test_an_error_that_is_none_of_the_disk_is_not_retried(retry, capsys):
    calls = []

    def fail_again():
        calls.append(1)
        fail()

    retry("a point", fail_again)

    assert calls == [1]
    assert "on purpose" in capsys.readouterr().err


def test_a_write_on_a_full_disk_succeeds_once_with_the_reserved_space(small_disk, capsys):
    disk = small_disk("2m")
    retry = WriteRetry(disk)
    fill_disk(disk / "large")
    retry("a file", lambda: (disk / "file").write_bytes(bytes(1 << 19)))

    assert (disk / "file").stat().st_size == 1 << 19
    assert (disk / RESERVE).stat().st_size < 1 << 19  # for what comes last
    assert capsys.readouterr().err == ""

    fill_disk(disk / "larger")
    retry("another", lambda: (disk / "another").write_bytes(bytes(1 << 19)))

    reason = f"{os.strerror(errno.ENOSPC)}; make room on its disk"
    assert capsys.readouterr().err == f"{disk}: another is not recorded yet: {reason}; it is tried again\n"


def test_a_disk_without_space_for_the_reserve_is_an_error(small_disk):
    with pytest.raises(OSError, match="No space left"):
        WriteRetry(small_disk("100k"))


def test_the_reserve_can_be_released_twice(retry, tmp_path):
    assert (tmp_path / RESERVE).stat().st_size == 1 << 20

    retry.release_reserve()
    retry.release_reserve()

    assert not (tmp_path / RESERVE).exists()


@pytest.fixture
def failing():
    """A function that fails a number of times with an error number of its own, and then writes."""

    def make(*numbers):
        left = list(numbers)

        def write():
            if left:
                number = left.pop(0)
                raise OSError(number, os.strerror(number))

        return write

    return make


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.ETIMEDOUT])
def test_a_write_is_tried_again_at_once_while_patience_lasts(retry, failing, capsys, number):
    retry.try_again(2.0)
    retry("run.json", failing(number, number))

    assert retry.unrecorded == []
    assert capsys.readouterr().err == ""


def test_a_write_that_fails_is_tried_again_later(retry, tmp_path, failing, capsys):
    retry("info.json", failing(errno.EIO))
    before = retry.unrecorded
    retry.try_again(0.0)

    assert (before, retry.unrecorded) == (["info.json"], [])
    assert capsys.readouterr().err == (
        f"{tmp_path}: info.json is not recorded yet: Input/output error; check the disk; it is tried again\n"
    )


def test_what_could_not_be_written_in_the_end_is_one_line_for_each_reason(retry, tmp_path, failing, capsys):
    retry.try_again(0.0, is_end=True)
    retry("info.json", failing(errno.EIO))
    retry("run.json", failing(errno.EIO))
    retry("cout.txt", failing(errno.EROFS))
    retry.report_end()

    assert retry.unrecorded == ["info.json", "run.json", "cout.txt"]
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path}: not recorded: info.json, run.json: Input/output error; check the disk",
        f"{tmp_path}: not recorded: cout.txt: Read-only file system; mount it writable, or name another place",
    ]


def test_all_attempts_together_wait_no_longer_than_the_patience(failing):
    start = time.monotonic()
    with pytest.raises(OSError, match="Input/output error"):
        call_patiently(failing(*[errno.EIO] * 100), 0.3)

    assert 0.3 <= time.monotonic() - start < 5


def test_a_missing_file_is_not_tried_again(retry, tmp_path, capsys):
    retry.try_again(5.0)
    start = time.monotonic()
    retry("artifact model.bin", lambda: (tmp_path / "model.bin").read_bytes())

    assert time.monotonic() - start < 1
    assert retry.unrecorded == ["artifact model.bin"]
    missing = f"{tmp_path / 'model.bin'}: No such file or directory; correct the path"
    assert capsys.readouterr().err == f"{tmp_path}: artifact model.bin is not recorded: {missing}\n"
