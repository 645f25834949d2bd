import errno

import pytest

from observers.system.full_disk import RESERVE, FullDiskRetry
from tests.observers.conftest import fill_disk


@pytest.fixture
def retry(tmp_path):
    return FullDiskRetry(tmp_path)


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


def test_an_error_is_not_retried_if_the_disk_has_space(retry, capsys):
    calls = []

    def fail_again():
        calls.append(1)
        fail()

    retry("a point", fail_again)

    assert calls == [1]
    assert "on purpose" in capsys.readouterr().err


def test_a_write_on_a_full_disk_succeeds_once_with_the_reserved_space(small_disk, capsys):
    disk = small_disk("2m")
    retry = FullDiskRetry(disk)
    fill_disk(disk / "large")
    retry("a file", lambda: (disk / "file").write_bytes(bytes(1 << 19)))

    assert (disk / "file").stat().st_size == 1 << 19
    assert not (disk / RESERVE).exists()
    assert capsys.readouterr().err == ""

    fill_disk(disk / "larger")
    retry("another", lambda: (disk / "another").write_bytes(bytes(1 << 19)))

    assert (
        capsys.readouterr().err == f"{disk}: another is not recorded: [Errno {errno.ENOSPC}] No space left on device\n"
    )


def test_a_disk_without_space_for_the_reserve_is_an_error(small_disk):
    with pytest.raises(OSError, match="No space left"):
        FullDiskRetry(small_disk("100k"))


def test_the_reserve_can_be_released_twice(retry, tmp_path):
    assert (tmp_path / RESERVE).stat().st_size == 1 << 20

    retry.release_reserve()
    retry.release_reserve()

    assert not (tmp_path / RESERVE).exists()
