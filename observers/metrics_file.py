"""Writes metrics.json, the format of Sacred and incense, from a journal."""

import json
import math
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from observers.files import replaced
from observers.journal import read_chunks

_SPOOLED = 1 << 14  # characters of a column that are held in memory
_COLUMNS = ("steps", "timestamps", "values")


def write_metrics(journal: Path, target: Path, say: Callable[[str], None] = lambda _: None) -> None:
    """Replace a metrics.json by the points of a journal.

    Values that are not finite are null there. The memory that it takes does not grow with the number of points.
    """
    with replaced(target) as file, tempfile.TemporaryFile(dir=target.parent) as spool:
        columns: dict[str, list[_Column]] = {}
        for chunk in read_chunks(journal, say):
            for name, points in chunk.by_name().items():
                steps, timestamps, values = columns.get(name) or columns.setdefault(
                    name, [_Column(spool) for _ in _COLUMNS]
                )
                steps.extend([repr(point.step) for point in points])
                timestamps.extend([f'"{point.timestamp.isoformat()}"' for point in points])
                values.extend([_value_text(point.value) for point in points])
        file.write(b"{")
        for place, name in enumerate(sorted(columns)):
            file.write(f"{',' if place else ''}\n{json.dumps(name)}: {{".encode())
            for title, column in zip(_COLUMNS, columns[name], strict=True):
                file.write(f"{'' if title == _COLUMNS[0] else ','}\n  {json.dumps(title)}: [".encode())
                column.write_to(file)
                file.write(b"]")
            file.write(b"\n}")
        file.write(b"\n}\n")


class _Column:
    """A list of JSON texts of any length, little of it in memory."""

    def __init__(self, spool: Any) -> None:
        self._spool = spool
        self._held: list[str] = []
        self._length = 0
        self._parts: list[tuple[int, int]] = []

    def extend(self, texts: list[str]) -> None:
        self._held += texts
        self._length += sum(map(len, texts))
        if self._length > _SPOOLED:
            part = ",".join(self._held).encode()
            self._parts.append((self._spool.seek(0, os.SEEK_END), len(part)))
            self._spool.write(part)
            self._held, self._length = [], 0

    def write_to(self, file: Any) -> None:
        for number, (start, length) in enumerate(self._parts):
            self._spool.seek(start)
            file.write(b"," if number else b"")
            file.write(self._spool.read(length))
        if self._held:
            file.write(b"," if self._parts else b"")
            file.write(",".join(self._held).encode())


def _value_text(value: Any) -> str:
    """Write a value as metrics.json has it."""
    if type(value) is float:
        return repr(value) if math.isfinite(value) else "null"
    return json.dumps(value)
