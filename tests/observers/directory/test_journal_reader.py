from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observers.directory.journal import Journal
from observers.directory.journal_reader import read_chunk, read_points
from tests.observers.directory.conftest import short

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def test_a_torn_last_line_does_not_count(path, journal):
    journal.append("a", 1.0)
    whole = path.stat().st_size
    journal.append("a", 2.0)
    content = path.read_bytes()
    warnings: list[str] = []
    for end in range(whole, len(content)):
        path.write_bytes(content[:end])
        assert short(read_points(path, warnings.append)) == [("a", 0, 1.0)]
        assert read_chunk(path).end == whole

    assert warnings == []


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
def test_a_corrupt_line_is_reported_with_its_offset_and_the_others_are_read(path, journal, line):
    journal.append("a", 1.0)
    offset = path.stat().st_size
    with path.open("ab") as file:
        file.write(line + b"\n")
    journal.append("a", 2.0)
    warnings: list[str] = []
    points = list(read_points(path, warnings.append))

    assert short(points) == [("a", 0, 1.0), ("a", 1, 2.0)]
    assert warnings == [f"{path.name}: corrupt line at byte {offset}"]


def test_a_missing_journal_has_no_points(path):
    assert list(read_points(path)) == []
    assert read_chunk(path, 7).end == 7


def test_many_points_are_read_in_chunks(path, journal, monkeypatch):
    monkeypatch.setattr("observers.directory.journal_reader._CHUNK", 1000)
    for step in range(2500):
        journal.append("a", step / 7, step)
    sizes, end = [], 0
    while (chunk := read_chunk(path, end)).points:
        sizes.append(len(chunk.points))
        end = chunk.end

    assert sizes == [1000, 1000, 500]
    assert end == path.stat().st_size
    assert short(read_points(path)) == [("a", step, step / 7) for step in range(2500)]


def test_other_threads_can_run_while_a_chunk_is_read(path, journal):
    for step in range(3000):
        journal.append("a", 1.0, step)
    calls: list[int] = []
    chunk = read_chunk(path, yield_now=lambda: calls.append(1))

    assert len(chunk.points) == 3000
    assert len(calls) == path.stat().st_size // (1 << 16)


def test_reading_continues_after_a_chunk_of_corrupt_lines(path, journal):
    with path.open("ab") as file:
        file.write(b"\n" * 10_001)
    journal.append("a", 1.0)
    warnings: list[str] = []

    assert short(read_points(path, warnings.append)) == [("a", 0, 1.0)]
    assert len(warnings) == 10_001


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, st.integers(), st.floats())))
def test_any_points_are_read_back(points):
    with TemporaryDirectory() as directory:
        journal = Journal(Path(directory) / "metrics.jsonl")
        for name, step, value in points:
            journal.append(name, value, step)
        journal.close()

        assert repr(short(read_points(Path(directory) / "metrics.jsonl"))) == repr(points)
