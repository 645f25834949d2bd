import json

import pytest

from observers.directory.lookup import lines
from observers.directory.lookup.lines import decode_lines

LINE = '{"name":"%s","step":%s,"value":%s,"timestamp":"2026-11-27T00:00:00.5"}'


def test_lines_are_decoded_at_once(monkeypatch):
    monkeypatch.setattr(lines, "read_point", None)
    text = "\n".join([LINE % ("a", 1, 0.5), LINE % ("b", 2.5, '"NaN"'), LINE % ("größe", 3, "null")])

    assert repr(decode_lines(text.encode())) == "(['a', 'b', 'größe'], [1, 2.5, 3], [0.5, nan, None])"


@pytest.mark.parametrize(
    ("unusual", "value"),
    [("1" + 30 * "0", 10**30), ("-1e400", float("-inf")), ('{"name":1}', {"name": 1}), ("[1]", [1])],
)
def test_what_takes_a_second_look_is_decoded_line_by_line(unusual, value):
    text = "\n".join([LINE % ("a", 1, 0.5), "corrupt", LINE % ("a", 2, unusual)])

    assert decode_lines(text.encode()) == (["a", "a"], [1, 2], [0.5, value])


def test_no_text_has_no_points():
    assert decode_lines(b"") == ([], [], [])
    assert decode_lines(json.dumps({"name": "a"}).encode()) == ([], [], [])
