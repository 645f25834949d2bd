import errno
import json
import math
import os
from datetime import datetime, timedelta

import numpy as np
import pytest

from observers.directory.journal import Journal
from observers.directory.journal_reader import read_points
from tests.observers.directory.conftest import short

NOON = datetime(2026, 11, 23, 12)


def test_an_appended_point_is_in_the_file(path, journal):
    journal.append("train/loss", 0.5, 10, NOON)

    assert path.read_text() == '{"name":"train/loss","step":10,"value":0.5,"timestamp":"2026-11-23T12:00:00"}\n'
    assert journal.points == 1
    assert journal.file.size() == path.stat().st_size


def test_a_point_without_a_time_has_the_current_time(path, journal):
    before = datetime.utcnow()
    journal.append("train/loss", 0.5, 10)
    [point] = read_points(path)

    assert before <= point.timestamp <= datetime.utcnow()


def test_times_are_exact_to_the_microsecond_when_a_second_begins(path, journal, monkeypatch):
    last = datetime(2026, 12, 31, 23, 59, 59, 999_999)
    times = [last, last, *(last + timedelta(microseconds=more) for more in (1, 2, 1_000_001, 61_000_000)), last]
    for time in times:
        microseconds = (time - datetime(1970, 1, 1)) // timedelta(microseconds=1)
        monkeypatch.setattr("time.time_ns", lambda now=1000 * microseconds + 999: now)
        journal.append("a", 1.0)
    monkeypatch.undo()

    assert [point.timestamp for point in read_points(path)] == times


def test_points_without_a_step_are_counted_for_each_metric(path, journal):
    journal.append("a", 1.0)
    journal.append("b", 1.0)
    journal.append("a", 1.0)
    journal.append("a", 1.0, 10)
    journal.append("a", 1.0)

    assert short(read_points(path)) == [("a", 0, 1.0), ("b", 0, 1.0), ("a", 1, 1.0), ("a", 10, 1.0), ("a", 11, 1.0)]


def test_numpy_numbers_become_python_numbers(path, journal):
    journal.append("a", np.float32(0.5), np.int64(3))
    journal.append("a", np.float64("nan"), np.float64(3.5))
    journal.append("a", np.array(7), np.array(4))
    points = list(read_points(path))

    assert [type(point.step) for point in points] == [int, float, int]
    assert [type(point.value) for point in points] == [float, float, int]
    assert short(points)[::2] == [("a", 3, 0.5), ("a", 4, 7)]
    assert points[1].step == 3.5
    assert math.isnan(points[1].value)


def test_values_that_are_not_finite_are_written_as_strict_json(path, journal):
    for value in (math.nan, math.inf, -math.inf):
        journal.append("a", value)
    first, *others = (point.value for point in read_points(path))

    assert math.isnan(first)
    assert others == [math.inf, -math.inf]
    for line in path.read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)


def test_values_of_other_types_are_kept(path, journal):
    for value in (7, 2**70, True, None, "word", [1, 2], {"a": 0.5}):
        journal.append("a", value)

    assert [point.value for point in read_points(path)] == [7, 2**70, True, None, "word", [1, 2], {"a": 0.5}]


@pytest.mark.parametrize("step", ["x", "1", True, math.nan, math.inf, [1], 1j])
def test_a_step_that_is_not_a_number_is_refused(path, journal, step):
    with pytest.raises(ValueError, match="is not a number"):
        journal.append("a", 1.0, step)
    journal.append("a", 2.0)

    assert short(read_points(path)) == [("a", 0, 2.0)]


def test_a_point_that_is_refused_does_not_count_as_a_step(path, journal):
    with pytest.raises(ValueError, match="b'a' is not a metric name"):
        journal.append(b"a", 1.0)
    with pytest.raises(ValueError, match="is not a number"):
        journal.append("a", 1.0, "x")
    journal.append("a", [math.nan])

    assert short(read_points(path)) == [("a", 0, ["NaN"])]


def test_an_existing_journal_is_not_opened(path, journal):
    with pytest.raises(FileExistsError):
        Journal(path)


def test_appending_to_a_closed_journal_is_an_error(path):
    journal = Journal(path)
    journal.append("a", 1.0)
    journal.close()

    with pytest.raises(OSError, match="the run has ended"):
        journal.append("a", 2.0)
    assert short(read_points(path)) == [("a", 0, 1.0)]


def test_a_closed_journal_can_be_reopened(path, journal):
    journal.append("a", 1.0)
    journal.close()
    with pytest.raises(OSError, match="the run has ended"):
        journal.append("a", 2.0)
    journal.file.reopen()
    journal.file.reopen()
    journal.append("a", 3.0)

    assert short(read_points(path)) == [("a", 0, 1.0), ("a", 1, 3.0)]


@pytest.mark.parametrize("name", [7, None, ("a", 1), ["a"], b"a", "", "a\0b", "a\ud800", True])
def test_a_name_that_no_reader_can_take_is_refused_before_anything_is_written(path, journal, name):
    with pytest.raises(ValueError, match="is not a metric name: it ") as raised:
        journal.append(name, 1.0)

    assert str(raised.value).startswith(repr(name))
    assert path.read_bytes() == b""
    assert journal.points == 0


def test_a_point_is_written_when_the_disk_answers_again(path, journal, monkeypatch):
    answers = iter([OSError(errno.EIO, "Input/output error"), 10, None])
    write = os.write

    def fail_or_write_in_part(file, data):
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return write(file, data[:answer])

    monkeypatch.setattr("os.write", fail_or_write_in_part)
    journal.append("a", 0.5, 10)

    assert short(read_points(path)) == [("a", 10, 0.5)]
    assert len(path.read_text().splitlines()) == 1
