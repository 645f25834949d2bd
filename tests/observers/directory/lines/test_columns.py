import json
import math

import pytest
from hypothesis import example, given, settings

from observers.directory.lines import columns
from observers.directory.lines.columns import cut_columns
from tests.observers.directory.lines.strange import blocks
from tests.observers.directory.lines.test_decoding import ONE, one_by_one


def texts_of(points):
    """Make the texts from points that were read one by one, with json and repr."""
    texts: dict[str, list[tuple[str, str, str]]] = {}
    for point in points:
        is_null = isinstance(point.value, float) and not math.isfinite(point.value)
        value = "null" if is_null else json.dumps(point.value)
        texts.setdefault(point.name, []).append((repr(point.step), f'"{point.timestamp.isoformat()}"', value))
    return {
        name: tuple(",".join(column).encode() for column in zip(*rows, strict=True)) for name, rows in texts.items()
    }


def joined(metrics):
    return {name: tuple(map(b",".join, zip(*parts, strict=True))) for name, parts in metrics.items()}


@settings(deadline=None, max_examples=400)
@given(block=blocks())
@example(ONE.replace(b"0.5", b"1,2") + b"\n" + ONE.replace(b"0.5", b"[3") + b"\n" + ONE.replace(b"0.5", b"4]") + b"\n")
@example(ONE.replace(b"0.5", b"0.00001234") + b"\n" + ONE.replace(b"0.5", b"1.50") + b"\n")
@example(ONE.replace(b'"a"', b'"\\u0061"') + b"\n" + ONE + b"\n")
@example(ONE.replace(b"0.5", b"18446744073709551616") + b"\n")
@example(ONE.replace(b".000001", b".000000") + b"\n")
@example(ONE[:-1] + b"\n")
def test_the_texts_are_those_of_points_that_are_read_one_by_one(block):
    points, corrupt = one_by_one(block)
    metrics, offsets = cut_columns(block)

    assert joined(metrics) == texts_of(points)
    assert list(metrics) == list(texts_of(points))
    assert offsets == corrupt


@settings(deadline=None)
@given(block=blocks())
def test_without_numpy_the_texts_are_the_same(block):
    with_numpy = cut_columns(block)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "cut_at_once", lambda _: None)
        metrics, corrupt = cut_columns(block)

    assert (joined(metrics), corrupt) == (joined(with_numpy[0]), with_numpy[1])
