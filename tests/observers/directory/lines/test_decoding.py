import io

import pytest
from hypothesis import example, given, settings

from observers.directory.lines import decoding
from observers.directory.lines.decoding import decode_lines
from observers.directory.lines.point import CORRUPT, read_point
from tests.observers.directory.lines.strange import blocks

ONE = b'{"name":"a","step":1,"value":0.5,"timestamp":"2026-11-23T12:00:00.000001"}'


def one_by_one(block):
    points, corrupt, start = [], [], 0
    for line in io.BytesIO(block):
        try:
            points.append(read_point(line))
        except CORRUPT:
            corrupt.append(start)
        start += len(line)
    return points, corrupt


@settings(deadline=None, max_examples=400)
@given(block=blocks())
@example(ONE + b"," + ONE + b"\n" + ONE + b"\n")
@example(ONE + b",\n" + ONE + b"\n")
@example(b'{"name":"a","step":1,"value":[{"x":"y"}\n{"name":"z"},0],"timestamp":"2026-11-23T12:00:00"}\n')
@example(ONE.replace(b"0.5", b"18446744073709551616") + b"\n")
@example(ONE.replace(b'"step":1', b'"step":1,"step":2') + b"\n")
@example(ONE.replace(b"0.5", b"-0") + b"\n")
def test_lines_that_are_decoded_together_are_those_that_are_read_one_by_one(block):
    assert repr(decode_lines(block)) == repr(one_by_one(block))


def test_corrupt_lines_among_many_are_named_and_the_others_are_decoded():
    lines = [ONE.replace(b'"step":1', b'"step":%d' % step) + b"\n" for step in range(1000)]
    lines[123] = b"torn\n"
    lines[777] = b"\n"
    points, corrupt = decode_lines(b"".join(lines))

    assert [point.step for point in points] == [step for step in range(1000) if step not in (123, 777)]
    assert corrupt == [len(b"".join(lines[:123])), len(b"".join(lines[:777]))]


@pytest.mark.parametrize("value", [b"0.5", b'"NaN"', b"7", b"null", b"1e-7"])
def test_the_lines_of_a_journal_are_not_read_one_by_one(value, monkeypatch):
    monkeypatch.setattr(decoding, "read_point", pytest.fail)
    points, corrupt = decode_lines((ONE.replace(b"0.5", value) + b"\n") * 100)

    assert (len(points), corrupt) == (100, [])
