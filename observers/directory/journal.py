"""Appends metric points to metrics.jsonl, one line of JSON each, when they are logged.

    {"name":"train/loss","step":10,"value":0.6931,"timestamp":"2026-11-23T10:00:00.000001"}

The timestamp is UTC. A point is in the file when `append` returns, and the millionth costs as much as the first. NaN
and infinities are written by their names, see `json_values`. A last line without its end was torn by a power cut, and
does not count.
"""

from __future__ import annotations

import json
import math
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sacred.serializer import flatten

from observers.system.appended_file import AppendedFile
from observers.system.json_values import float_name, name_floats
from observers.system.retry import call_patiently

JOURNAL = "metrics.jsonl"

_PATIENCE = 1.0  # seconds that a point may wait for a disk that reports an error


class Journal:
    """Appends points to a file, from any number of threads.

    Attributes:
        points: the number of points appended so far.
        file: the file.
        lock: held while a point is appended.
    """

    def __init__(self, path: Path) -> None:
        """Create the file.

        Raises:
            OSError: the file exists already or cannot be created.
        """
        self.file = AppendedFile(path, must_be_new=True)
        self.lock = threading.RLock()
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
            OSError: the point could not be written, after several attempts; the file is unchanged.
            ValueError: the name is not a text that is not empty, or the step is not a number.
        """
        try:
            name = self._names[metric_name]
        except (KeyError, TypeError):
            name = self._names[metric_name] = _name_text(metric_name)
        if type(value) is float and math.isfinite(value):
            text = repr(value)
        else:
            text = json.dumps(_number(value), allow_nan=False)
        with self.lock:
            if type(step) is not int:
                step = self._steps.get(metric_name, -1) + 1 if step is None else _step(step)
            time_text = self._now() if timestamp is None else timestamp.isoformat()
            line = f'{{"name":{name},"step":{step},"value":{text},"timestamp":"{time_text}"}}\n'.encode()
            try:
                self.file.append(line)
            except OSError:
                if not self.file.is_open:
                    raise
                call_patiently(lambda: self.file.append(line), _PATIENCE)
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
        """Flush the operating system's buffers of the file to the disk."""
        self.file.sync()

    def close(self) -> None:
        """Close the file; until it is opened again, appending raises an OSError."""
        self.file.close()


def _name_text(name: Any) -> str:
    """Return the name of a metric as JSON.

    Raises:
        ValueError: it is not a name that every reader can take.
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"{name!r} is not a metric name: it must be a text that is not empty, such as 'train/loss'")
    if "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise ValueError(f"{name!r} is not a metric name: it contains a character that cannot be stored")
    return json.dumps(str(name))


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
    return value if isinstance(value, (int, str)) or value is None else name_floats(flatten(value))
