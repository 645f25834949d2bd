"""Makes the texts of metrics.json from lines of a journal: cut at once where that is possible, or of their points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from observers.directory.lines.decoding import decode_lines, half
from observers.directory.lines.numbers import value_text
from observers.directory.lines.point import Point

try:
    from observers.directory.lines.cutting import cut_at_once
except ImportError:  # without NumPy, which takes a third of the time

    def cut_at_once(block: bytes) -> dict[str, tuple[bytes, ...]] | None:
        """Leave the lines to be decoded."""


class Texts(NamedTuple):
    """The texts of some points of a metric, separated by commas."""

    steps: bytes
    timestamps: bytes
    values: bytes


def cut_columns(block: bytes) -> tuple[dict[str, list[Texts]], list[int]]:
    """Cut whole lines, each with its end.

    Returns:
        The texts of each metric, and the offset of each corrupt line in the block.
    """
    texts = cut_at_once(block)
    if texts is not None:
        return {name: [Texts(*each)] for name, each in texts.items()}, []
    middle = half(block)
    if middle:
        metrics, corrupt = cut_columns(block[:middle])
        further, more_corrupt = cut_columns(block[middle:])
        for name, parts in further.items():
            metrics.setdefault(name, []).extend(parts)
        return metrics, corrupt + [middle + offset for offset in more_corrupt]
    points, corrupt = decode_lines(block)
    named: dict[str, list[Point]] = {}
    for point in points:
        named.setdefault(point.name, []).append(point)
    return {name: [_texts(points)] for name, points in named.items()}, corrupt


def _texts(points: Sequence[Point]) -> Texts:
    return Texts(
        ",".join([repr(point.step) for point in points]).encode(),
        ",".join([f'"{point.timestamp.isoformat()}"' for point in points]).encode(),
        ",".join([value_text(point.value) for point in points]).encode(),
    )
