import json
import math
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observers.journal import Journal, read_chunk, read_points

NOON = datetime(2026, 11, 23, 12)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.jsonl"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def short(points):
    return [(point.name, point.step, point.value) for point in points]


def test_a_point_is_in_the_file_when_it_is_appended(path, journal):
    journal.append("train/loss", 0.5, 10, NOON)

    assert path.read_text() == '{"name":"train/loss","step":10,"value":0.5,"timestamp":"2026-11-23T12:00:00"}\n'
    assert journal.points == 1
    assert journal.size() == path.stat().st_size


def test_a_point_without_a_time_is_of_now(path, journal):
    before = datetime.utcnow()
    journal.append("train/loss", 0.5, 10)
    [point] = read_points(path)

    assert before <= point.timestamp <= datetime.utcnow()


def test_times_are_right_to_the_microsecond_whenever_a_second_begins(path, journal, monkeypatch):
    last = datetime(2026, 12, 31, 23, 59, 59, 999_999)
    times = [last, last, *(last + timedelta(microseconds=more) for more in (1, 2, 1_000_001, 61_000_000)), last]
    for moment in times:
        microseconds = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
        monkeypatch.setattr("time.time_ns", lambda now=1000 * microseconds + 999: now)
        journal.append("a", 1.0)
    monkeypatch.undo()

    assert [point.timestamp for point in read_points(path)] == times


def test_points_without_a_step_are_counted_by_name(path, journal):
    journal.append("a", 1.0)
    journal.append("b", 1.0)
    journal.append("a", 1.0)
    journal.append("a", 1.0, 10)
    journal.append("a", 1.0)

    assert short(read_points(path)) == [("a", 0, 1.0), ("b", 0, 1.0), ("a", 1, 1.0), ("a", 10, 1.0), ("a", 11, 1.0)]


def test_numbers_of_numpy_are_pythons(path, journal):
    journal.append("a", np.float32(0.5), np.int64(3))
    journal.append("a", np.float64("nan"), np.float64(3.5))
    journal.append("a", np.array(7), np.array(4))
    points = list(read_points(path))

    assert [type(point.step) for point in points] == [int, float, int]
    assert [type(point.value) for point in points] == [float, float, int]
    assert short(points)[::2] == [("a", 3, 0.5), ("a", 4, 7)]
    assert points[1].step == 3.5
    assert math.isnan(points[1].value)


def test_values_that_are_not_finite_are_read_back(path, journal):
    for value in (math.nan, math.inf, -math.inf):
        journal.append("a", value)
    first, *others = (point.value for point in read_points(path))

    assert math.isnan(first)
    assert others == [math.inf, -math.inf]
    for line in path.read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)


def test_other_values_are_kept(path, journal):
    for value in (7, 2**70, True, None, "word", [1, 2], {"a": 0.5}):
        journal.append("a", value)

    assert [point.value for point in read_points(path)] == [7, 2**70, True, None, "word", [1, 2], {"a": 0.5}]


@pytest.mark.parametrize("step", ["x", "1", True, math.nan, math.inf, [1], 1j])
def test_a_step_that_is_no_number_is_refused(path, journal, step):
    with pytest.raises(ValueError, match="is no number"):
        journal.append("a", 1.0, step)
    journal.append("a", 2.0)

    assert short(read_points(path)) == [("a", 0, 2.0)]


def test_a_value_that_cannot_be_written_takes_no_step(path, journal):
    with pytest.raises(TypeError):
        journal.append(b"a", 1.0)
    with pytest.raises(ValueError, match="is no number"):
        journal.append("a", 1.0, "x")
    journal.append("a", [math.nan])

    assert short(read_points(path)) == [("a", 0, ["NaN"])]


def test_a_journal_is_never_opened_again(path, journal):
    with pytest.raises(FileExistsError):
        Journal(path)


def test_nothing_is_appended_after_the_end(path):
    journal = Journal(path)
    journal.append("a", 1.0)
    journal.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        journal.append("a", 2.0)
    assert short(read_points(path)) == [("a", 0, 1.0)]


def test_a_torn_last_line_is_no_point(path, journal):
    journal.append("a", 1.0)
    whole = path.stat().st_size
    journal.append("a", 2.0)
    content = path.read_bytes()
    said: list[str] = []
    for end in range(whole, len(content)):
        path.write_bytes(content[:end])
        assert short(read_points(path, said.append)) == [("a", 0, 1.0)]
        assert read_chunk(path).end == whole

    assert said == []


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\x00\xfe",
        b"[]",
        b"7",
        b'"name"',
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"name":1,"step":1,"value":1,"timestamp":"2026-11-23T12:00:00"}',
        b'{"name":"a","step":"1","value":1,"timestamp":"2026-11-23T12:00:00"}',
        b'{"name":"a","step":true,"value":1,"timestamp":"2026-11-23T12:00:00"}',
        b'{"name":"a","step":NaN,"value":1,"timestamp":"2026-11-23T12:00:00"}',
        b'{"name":"a","step":1e999,"value":1,"timestamp":"2026-11-23T12:00:00"}',
        b'{"name":"a","step":1,"value":1,"timestamp":"noon"}',
        b'{"name":"a","step":1,"value":1,"timestamp":12}',
        b'{"name":"a","step":1,"value":1}',
        b'{"name":"a","step":1,"value":1,"timestamp":"2026-11-23T12:00:00"}{}',
    ],
)
def test_a_bitten_line_is_named_by_its_byte_and_the_others_are_read(path, journal, line):
    journal.append("a", 1.0)
    place = path.stat().st_size
    with path.open("ab") as file:
        file.write(line + b"\n")
    journal.append("a", 2.0)
    said: list[str] = []
    points = list(read_points(path, said.append))

    assert short(points) == [("a", 0, 1.0), ("a", 1, 2.0)]
    assert said == [f"{path.name}: the line at byte {place} is no point"]


def test_a_journal_that_was_closed_goes_on_when_it_is_opened_again(path, journal):
    journal.append("a", 1.0)
    journal.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        journal.append("a", 2.0)
    journal.reopen()
    journal.reopen()
    journal.append("a", 3.0)

    assert short(read_points(path)) == [("a", 0, 1.0), ("a", 1, 3.0)]


def test_no_journal_has_no_points(path):
    assert list(read_points(path)) == []
    assert read_chunk(path, 7).end == 7


def test_many_points_are_read_in_chunks(path, journal):
    for step in range(25_000):
        journal.append("a", step / 7, step)
    sizes, end = [], 0
    while (chunk := read_chunk(path, end)).points:
        sizes.append(len(chunk.points))
        end = chunk.end

    assert sizes == [10_000, 10_000, 5_000]
    assert end == path.stat().st_size
    assert short(read_points(path)) == [("a", step, step / 7) for step in range(25_000)]


def test_a_chunk_of_bitten_lines_does_not_end_the_reading(path, journal):
    with path.open("ab") as file:
        file.write(b"\n" * 10_001)
    journal.append("a", 1.0)
    said: list[str] = []

    assert short(read_points(path, said.append)) == [("a", 0, 1.0)]
    assert len(said) == 10_001


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.integers(), st.floats())))
def test_any_points_are_read_back(points):
    with tempfile.TemporaryDirectory() as directory:
        journal = Journal(Path(directory) / "metrics.jsonl")
        for name, step, value in points:
            journal.append(name, value, step)
        journal.close()

        assert repr(short(read_points(Path(directory) / "metrics.jsonl"))) == repr(points)
