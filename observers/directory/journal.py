"""Appends metric points to metrics.jsonl, one line of JSON each, when they are logged.

    {"name":"train/loss","step":10,"value":0.6931,"timestamp":"2026-11-23T10:00:00.000001"}

The timestamp is UTC. A point is in the file when `append` returns, and the millionth costs as much as the first. NaN
and infinities are written by their names, see `json_values`. A last line without its end was torn by a power cut, and
does not count. While the disk takes no more, points wait in memory.
"""

from __future__ import annotations

import errno
import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from observers.directory.lines.formatting import Name, line_of, metric_name_of, plain_step, plain_value
from observers.system.appended_file import AppendedFile
from observers.system.process import make_lock
from observers.system.retry import call_patiently

JOURNAL = "metrics.jsonl"
MOST_WAITING = 100_000
"""Points that wait in memory for a disk that takes no more; further ones are lost."""

_PATIENCE = 1.0  # seconds that the first point may wait for a disk that reports an error
_SMALLEST, _LARGEST = 1e-4, 1e16  # orjson writes floats between them as Python does
_LONG = 1 << 62  # orjson writes steps below it
_SECOND = 10**9  # nanoseconds
_WITH_END = orjson.OPT_APPEND_NEWLINE
_DIGITS = [f"{number:03}" for number in range(1000)]


class Journal:
    """Appends points to a file, from any number of threads.

    Attributes:
        points: the number of points appended so far.
        lost: the number of those that could neither be written nor wait.
        file: the file.
        lock: held while a point is appended.
        on_error: called when points begin to wait because the file cannot be written; None raises the error.
    """

    def __init__(self, path: Path) -> None:
        """Create the file.

        Raises:
            OSError: the file exists already or cannot be created.
        """
        self.file = AppendedFile(path, must_be_new=True)
        self.lock = make_lock()
        self.points = self.lost = 0
        self.on_error: Callable[[OSError], None] | None = None
        self._waiting: deque[bytes] = deque()
        self._process = os.getpid()
        self._is_fork = False
        self._steps: dict[str, float] = {}
        self._names: dict[str, Name] = {}
        self._second, self._second_text = -_SECOND, ""  # nanoseconds, and as text

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
            OSError: the file is closed, or there is no on_error and the point could not be written, after several
                attempts; the file is unchanged.
            ValueError: the name is not a text that is not empty, or the step is not a number.
        """
        try:
            name = self._names[metric_name]
        except (KeyError, TypeError):
            name = self._names[metric_name] = metric_name_of(metric_name)
        kind = type(value)
        if kind is not float and kind is not int:
            value = plain_value(value)
        with self.lock:
            if type(step) is not int:
                step = self._steps.get(metric_name, -1) + 1 if step is None else plain_step(step)
            if timestamp is None:
                passed = time.time_ns() - self._second
                if not 0 <= passed < _SECOND:
                    passed = self._begin_second(passed)
                time_text = f"{self._second_text}{_DIGITS[passed // 1_000_000]}{_DIGITS[passed // 1000 % 1000]}"
            else:
                time_text = timestamp.isoformat()
            if type(value) is float and _SMALLEST <= value < _LARGEST and type(step) is int and -_LONG < step < _LONG:
                point = {"name": name.plain, "step": step, "value": value, "timestamp": time_text}
                line = orjson.dumps(point, None, _WITH_END)  # as json writes it, in a third of the time
            else:
                line = line_of(name, step, value, time_text)
            if self._waiting:
                self._wait(line)
            else:
                try:
                    self.file.append(line)
                except OSError:
                    self._append_patiently(line)
            self._steps[metric_name] = step
            self.points += 1

    @property
    def waiting(self) -> int:
        """The number of points that wait in memory."""
        return len(self._waiting)

    @property
    def written(self) -> int:
        """The number of points in the file, unless others have changed it."""
        return self.points - self.lost - len(self._waiting)

    def write_waiting(self) -> None:
        """Append the points that wait, in their order.

        Raises:
            OSError: not all could be written; the others wait on.
        """
        with self.lock:
            self._forget_inherited()
            while self._waiting:
                self.file.append(self._waiting[0])
                self._waiting.popleft()

    def sync(self) -> None:
        """Append the points that wait if that is possible, and flush the operating system's buffers to the disk."""
        if self._waiting:
            with suppress(OSError):
                self.write_waiting()
        self.file.sync()

    def close(self) -> None:
        """Close the file; until it is opened again, appending raises an OSError."""
        with self.lock:
            self.file.close()

    def _begin_second(self, passed: int) -> int:
        """Write the current second once for its points; datetime would take longer than all else.

        Args:
            passed: nanoseconds since the second before.

        Returns:
            The nanoseconds since the new second.
        """
        seconds, nanoseconds = divmod(self._second + passed, _SECOND)
        self._second, self._second_text = seconds * _SECOND, f"{datetime.utcfromtimestamp(seconds).isoformat()}."
        return nanoseconds

    def _append_patiently(self, line: bytes) -> None:
        """Try again for a while; then the point waits, and those after it without trying."""
        self._refuse_after_end()
        try:
            call_patiently(lambda: self.file.append(line), _PATIENCE)
        except OSError as last:
            if self.on_error is None:
                raise
            self.on_error(last)
            self._wait(line)

    def _wait(self, line: bytes) -> None:
        """Have a point wait behind the others; in a fork, which no thread writes for, try to write it now."""
        self._refuse_after_end()
        self._forget_inherited()
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(line)
        else:
            self.lost += 1
        if self._is_fork:
            with suppress(OSError):
                self.write_waiting()

    def _forget_inherited(self) -> None:
        """Let no point wait in a fork that its parent writes."""
        if self._process != os.getpid():
            self._process, self._is_fork = os.getpid(), True
            self._waiting.clear()

    def _refuse_after_end(self) -> None:
        if not self.file.is_open:
            raise OSError(errno.EBADF, "the run has ended, and takes no more points", str(self.file.path))
