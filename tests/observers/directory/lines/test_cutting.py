import math
import struct
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observers.directory.journal import Journal
from observers.directory.lines.cutting import cut_at_once
from tests.observers.directory.lines.test_decoding import ONE

DOUBLES = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("d", struct.pack("Q", bits))[0])


def test_lines_are_cut_into_the_columns_of_each_metric():
    other = ONE.replace(b'"a"', b'"b"').replace(b"0.5", b'"NaN"')

    assert cut_at_once(
        ONE + b"\n" + other + b"\n" + ONE.replace(b"0.5", b"true").replace(b":1,", b":12,") + b"\n"
    ) == {
        "a": (b"1,12", b'"2026-11-23T12:00:00.000001","2026-11-23T12:00:00.000001"', b"0.5,true"),
        "b": (b"1", b'"2026-11-23T12:00:00.000001"', b"null"),
    }


@pytest.mark.parametrize("names", [19, 20, 21, 300])
def test_lines_of_many_metrics_are_cut_as_those_of_few(names):
    lines = [
        ONE.replace(b'"a"', b'"%d"' % (number % names)).replace(b":1,", b":%d," % number)
        for number in range(2 * names)
    ]
    cut = cut_at_once(b"\n".join(lines) + b"\n")

    assert cut is not None
    assert {name: steps for name, (steps, _, _) in cut.items()} == {
        str(number): b"%d,%d" % (number, number + names) for number in range(names)
    }
    lines[-1] = lines[-1].replace(b'"%d"' % (names - 1), b'"\\u0030"')  # the first name, written in another way
    assert cut_at_once(b"\n".join(lines) + b"\n") is None


@pytest.mark.parametrize(
    "line",
    [b"", ONE[:-1], ONE + b" ", ONE + b"," + ONE, ONE.replace(b"0.5", b'"word"'), ONE.replace(b"11-23", b"13-23")],
)
def test_lines_of_another_form_are_left_to_be_decoded(line):
    assert cut_at_once(ONE + b"\n" + line + b"\n" + ONE + b"\n") is None


@settings(deadline=None, max_examples=200)
@given(values=st.lists(st.one_of(DOUBLES, st.floats(9e-6, 2e-4), st.floats(1e15, 1e17)), min_size=1))
def test_a_journal_is_cut_at_once_and_floats_keep_every_digit(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("journal") / "metrics.jsonl"
    journal = Journal(path)
    for value in values:
        journal.append("prüfung/loss", value, timestamp=datetime(2026, 11, 23, 12, 0, 0, 1))
    journal.close()
    cut = cut_at_once(path.read_bytes())

    assert cut is not None
    [(_, _, texts)] = cut.values()
    assert texts.decode().split(",") == [repr(value) if math.isfinite(value) else "null" for value in values]
