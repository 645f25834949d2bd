import math
from datetime import datetime

import pytest

from observers.directory.lines.point import CORRUPT, Point, read_point


@pytest.mark.parametrize(
    ("value", "expected"), [(b"0.5", 0.5), (b"7", 7), (b'"-Infinity"', -math.inf), (b'"word"', "word"), (b"[1]", [1])]
)
def test_a_line_is_a_point(value, expected):
    line = b'{"name":"a","step":3,"value":%b,"timestamp":"2026-11-23T12:00:00.000001"}\n' % value

    assert read_point(line) == Point("a", 3, expected, datetime(2026, 11, 23, 12, 0, 0, 1))


@pytest.mark.parametrize("line", [b"", b"\n", b"[]\n", b"\xff\n", b'{"name":"a"}\n', b"[" * 100_000 + b"\n"])
def test_anything_else_is_corrupt(line):
    with pytest.raises(CORRUPT):
        read_point(line)
