"""Points that wait in memory for a file that takes nothing."""

import errno
import os

import pytest

from observers.directory import journal as journal_module
from observers.directory.journal import Journal
from observers.directory.journal_reader import read_points


@pytest.fixture
def broken(path, monkeypatch):
    """A journal whose file takes nothing until `mend` is called."""
    monkeypatch.setattr(journal_module, "_PATIENCE", 0.01)
    write, errors = os.write, [OSError(errno.EIO, "Input/output error")]

    def fail_or_write(file, data):
        if errors:
            raise errors[0]
        return write(file, data)

    monkeypatch.setattr("os.write", fail_or_write)
    journal = Journal(path)
    journal.on_error = lambda error: told.append(str(error.strerror))
    told: list[str] = []
    yield journal, told, errors.clear
    journal.close()


def test_no_more_points_wait_than_memory_has_room_for(broken, path, monkeypatch):
    journal, told, mend = broken
    monkeypatch.setattr(journal_module, "MOST_WAITING", 10)
    for step in range(15):
        journal.append("a", 0.5, step)
    mend()
    journal.append("a", 0.5, 15)
    before = journal.waiting, journal.lost, journal.written
    journal.sync()
    journal.append("a", 0.5, 16)

    assert before == (10, 6, 0)
    assert (journal.waiting, journal.points, journal.written) == (0, 17, 11)
    assert [point.step for point in read_points(path)] == [*range(10), 16]
    assert told == ["Input/output error"]


def test_without_a_place_for_errors_they_are_raised(broken):
    journal, _, _ = broken
    journal.on_error = None

    with pytest.raises(OSError, match="Input/output error"):
        journal.append("a", 0.5)
    assert (journal.points, journal.waiting) == (0, 0)


def call_in_a_fork(function):
    pid = os.fork()
    if not pid:
        try:
            function()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def test_a_fork_writes_its_own_points_while_those_of_its_parent_wait(broken, path):
    journal, _, mend = broken
    journal.append("a", 0.5)

    def log():
        journal.append("of the fork", 1.0)
        mend()
        journal.append("of the fork", 2.0)

    call_in_a_fork(log)
    in_fork = [(point.name, point.value) for point in read_points(path)]
    mend()
    journal.sync()

    assert in_fork == [("of the fork", 1.0), ("of the fork", 2.0)]
    assert [point.name for point in read_points(path)] == ["of the fork", "of the fork", "a"]


def test_a_point_after_the_end_is_refused_with_a_sentence_while_others_wait(broken):
    journal, _, _ = broken
    journal.append("a", 0.5)
    journal.close()

    with pytest.raises(OSError, match="the run has ended, and takes no more points"):
        journal.append("a", 0.5)


def test_a_heartbeat_of_a_fork_writes_no_point_of_its_parent(broken, path):
    journal, _, mend = broken
    journal.append("a", 0.5)

    def beat():
        mend()
        journal.sync()

    call_in_a_fork(beat)
    beat()

    assert [point.name for point in read_points(path)] == ["a"]
