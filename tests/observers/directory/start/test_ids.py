import fcntl
import multiprocessing
import os
import shutil

import pytest

from observers.directory.start.ids import LAST_ID, give_id


def take(directory):
    """Create a directory as a run does: with a file in it, by renaming."""
    new = directory.with_name(f".new-{os.getpid()}-{directory.name}")
    new.mkdir()
    (new / "run.json").touch()
    new.rename(directory)


def new_id(runs, run_id=None):
    return give_id(runs, run_id, take).name


def take_many(runs, count):
    for _ in range(count):
        new_id(runs)


def test_ids_ascend_from_the_highest_directory(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "notes.txt").touch()

    assert [new_id(tmp_path) for _ in range(3)] == ["8", "9", "10"]
    assert (tmp_path / LAST_ID).read_text() == "10\n"


def test_the_id_of_a_deleted_run_is_not_given_again(tmp_path):
    for _ in range(3):
        new_id(tmp_path)
    shutil.rmtree(tmp_path / "3")
    shutil.rmtree(tmp_path / "2")

    assert new_id(tmp_path) == "4"


def test_the_id_of_a_run_whose_deletion_is_under_way_is_not_given_again(tmp_path):
    (tmp_path / ".deleted-7-0123abcd").mkdir()

    assert new_id(tmp_path) == "8"
    with pytest.raises(FileExistsError):
        new_id(tmp_path, "7")


@pytest.mark.parametrize("content", [b"", b"x", b"-5", b"9" * 40, b"\xff", "²".encode()])
def test_a_damaged_file_of_the_last_id_is_replaced(tmp_path, content):
    (tmp_path / LAST_ID).write_bytes(content)

    assert [new_id(tmp_path), new_id(tmp_path)] == ["1", "2"]
    assert (tmp_path / LAST_ID).read_text() == "2\n"


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: path.symlink_to("elsewhere")])
def test_what_is_no_file_in_place_of_the_last_id_is_left_alone(tmp_path, make):
    make(tmp_path / LAST_ID)

    assert [new_id(tmp_path), new_id(tmp_path)] == ["1", "2"]
    assert not (tmp_path / "elsewhere").exists()


def test_a_given_id_is_taken_once_and_counts(tmp_path):
    assert new_id(tmp_path, "5") == "5"
    with pytest.raises(FileExistsError):
        new_id(tmp_path, "5")
    assert new_id(tmp_path) == "6"


@pytest.mark.parametrize("make", [os.mkdir, lambda path: path.touch(), lambda path: path.symlink_to("nowhere")])
def test_an_empty_directory_a_file_or_a_link_is_not_replaced(tmp_path, make):
    make(tmp_path / "1")

    assert new_id(tmp_path) == "2"
    with pytest.raises(FileExistsError):
        new_id(tmp_path, "1")


@pytest.mark.parametrize("locked", [True, False])
def test_ids_that_are_taken_at_once_differ(tmp_path, monkeypatch, locked):
    if not locked:  # as on a file system without locks
        monkeypatch.setattr("fcntl.LOCK_EX", 1 << 10)  # which no file system knows
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=take_many, args=(tmp_path, 10)) for _ in range(16)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * 16
    taken = [path.name for path in tmp_path.iterdir() if path.name.isdecimal()]
    assert sorted(taken, key=int) == [str(number) for number in range(1, 161)]


def test_the_file_can_be_written_by_those_who_can_write_to_the_runs(tmp_path):
    tmp_path.chmod(0o2775)
    new_id(tmp_path)

    assert (tmp_path / LAST_ID).stat().st_mode & 0o777 == 0o664


def test_a_fork_while_an_id_is_given_does_not_keep_the_lock(tmp_path):
    reading, writing = os.pipe()
    pids = []

    def take_and_fork(directory):
        take(directory)
        pids.append(os.fork())
        if not pids[0]:
            os.close(writing)
            os.read(reading, 1)  # until the test has ended
            os._exit(0)

    give_id(tmp_path, None, take_and_fork)
    with (tmp_path / LAST_ID).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(writing)
    os.close(reading)
    os.waitpid(pids[0], 0)
