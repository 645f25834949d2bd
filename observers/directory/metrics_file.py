"""Writes metrics.json, the metrics in the format of Sacred and incense, from a journal."""

import json
import math
import os
import tempfile
from pathlib import Path
from typing import IO, Any

from observers.directory.journal_reader import read_chunks
from observers.system.files import atomic_write
from observers.system.stderr import Warn

METRICS = "metrics.json"

_MOST_HELD = 1 << 14  # characters of a column in memory
_COLUMNS = ("steps", "timestamps", "values")


def write_metrics(journal: Path, target: Path, warn: Warn = lambda _: None) -> None:
    """Replace metrics.json by the points of a journal.

    Values that are not finite become null. Memory does not grow with the number of points.
    """
    with atomic_write(target) as file, tempfile.TemporaryFile(dir=target.parent) as spool:
        metrics: dict[str, list[_Column]] = {}
        for chunk in read_chunks(journal, warn):
            for name, points in chunk.by_name().items():
                columns = metrics.get(name) or metrics.setdefault(name, [_Column(spool) for _ in _COLUMNS])
                steps, timestamps, values = columns
                steps.extend([repr(point.step) for point in points])
                timestamps.extend([f'"{point.timestamp.isoformat()}"' for point in points])
                values.extend([_value_text(point.value) for point in points])
        file.write(b"{")
        for place, name in enumerate(sorted(metrics)):
            file.write(f"{',' if place else ''}\n{json.dumps(name)}: {{".encode())
            for title, column in zip(_COLUMNS, metrics[name], strict=True):
                file.write(f"{'' if title == _COLUMNS[0] else ','}\n  {json.dumps(title)}: [".encode())
                column.write_to(file)
                file.write(b"]")
            file.write(b"\n}")
        file.write(b"\n}\n")


class _Column:
    """A list of JSON texts of any length; all but its end is in a temporary file."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._held: list[str] = []
        self._length = 0
        self._parts: list[tuple[int, int]] = []

    def extend(self, texts: list[str]) -> None:
        self._held += texts
        self._length += sum(map(len, texts))
        if self._length > _MOST_HELD:
            part = ",".join(self._held).encode()
            self._parts.append((self._spool.seek(0, os.SEEK_END), len(part)))
            self._spool.write(part)
            self._held, self._length = [], 0

    def write_to(self, file: IO[bytes]) -> None:
        for number, (start, length) in enumerate(self._parts):
            self._spool.seek(start)
            file.write(b"," if number else b"")
            file.write(self._spool.read(length))
        if self._held:
            file.write(b"," if self._parts else b"")
            file.write(",".join(self._held).encode())


def _value_text(value: Any) -> str:
    if type(value) is float:
        return repr(value) if math.isfinite(value) else "null"
    return json.dumps(value)
