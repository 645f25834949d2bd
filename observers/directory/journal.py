"""Appends metric points to metrics.jsonl, one line of JSON each, when they are logged.

    {"name":"train/loss","step":10,"value":0.6931,"timestamp":"2026-11-23T10:00:00.000001"}

The timestamp is UTC. A point is in the file when `append` returns, and the millionth costs as much as the first. NaN
and infinities are written by their names, see `json_values`. A last line without its end was torn by a power cut, and
does not count.
"""

import errno
import json
import math
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sacred.serializer import flatten

from observers.system.json_values import float_name, name_floats

JOURNAL = "metrics.jsonl"

_TO_APPEND = os.O_WRONLY | os.O_APPEND


class Journal:
    """Appends points to a file.

    Attributes:
        points: the number of points appended so far.
    """

    def __init__(self, path: Path) -> None:
        """Create the file.

        Raises:
            OSError: the file exists already or cannot be created.
        """
        self._path = path
        self._file = os.open(path, _TO_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
        self.points = 0
        self._steps: dict[str, float] = {}
        self._names: dict[str, str] = {}
        self._second = (-1, "")

    def append(
        self, metric_name: str, value: Any, step: float | None = None, timestamp: datetime | None = None
    ) -> None:
        """Append a point; NumPy's numbers become Python's.

        Args:
            metric_name: such as `train/loss`.
            value: a number, or anything that Sacred can flatten.
            step: None is one more than the last step of this metric, beginning with 0.
            timestamp: UTC; None is now.

        Raises:
            OSError: the point could not be written; the file is unchanged.
            ValueError: the step is not a number.
        """
        if type(step) is not int:
            step = self._steps.get(metric_name, -1) + 1 if step is None else _step(step)
        if type(value) is float and math.isfinite(value):
            text = repr(value)
        else:
            text = json.dumps(_number(value), allow_nan=False)
        name = self._names.get(metric_name) or self._names.setdefault(metric_name, json.dumps(metric_name))
        time_text = self._now() if timestamp is None else timestamp.isoformat()
        line = f'{{"name":{name},"step":{step},"value":{text},"timestamp":"{time_text}"}}\n'.encode()
        written = os.write(self._file, line)
        if written < len(line):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._steps[metric_name] = step
        self.points += 1

    def _now(self) -> str:
        """Return the current time as text, in half the time that datetime takes between two training steps."""
        nanoseconds = time.time_ns()
        second, text = self._second
        if nanoseconds // 10**9 != second:
            second = nanoseconds // 10**9
            text = f"{datetime.utcfromtimestamp(second).isoformat()}."
            self._second = second, text
        return text + str(nanoseconds // 1000 % 10**6 + 10**6)[1:]

    def sync(self) -> None:
        """Flush the operating system's buffers of this file to the disk."""
        os.fsync(self._file)

    def size(self) -> int:
        """Return the size of the file in bytes."""
        return os.fstat(self._file).st_size

    def reopen(self) -> None:
        """Open the file again after `close`.

        Raises:
            OSError: the file cannot be opened.
        """
        if self._file < 0:
            self._file = os.open(self._path, _TO_APPEND)

    def close(self) -> None:
        """Close the file; until `reopen`, appending raises an OSError."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def _step(step: Any) -> float:
    number = _number(step)
    if type(number) not in (int, float):
        raise ValueError(f"step={step!r} is not a number")
    return number


def _number(value: Any) -> Any:
    """Convert NumPy's numbers to Python's, and anything else to what JSON can hold."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else float_name(value)
    return value if isinstance(value, int | str) or value is None else name_floats(flatten(value))
