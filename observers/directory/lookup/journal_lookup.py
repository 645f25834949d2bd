"""Looks up single metrics and last values in a journal, without decoding the lines that nobody asks for.

Each function returns what `read_points` gives, whatever the journal holds. Journal writes every line in one form:

    {"name":"train/loss","step":10,"value":0.6931,"timestamp":"2026-11-23T10:00:00.000001"}

In a part of a journal in which `"name"` stands nowhere but at the beginnings of such lines, and no name is written in
two ways, these beginnings tell the name of every point, and one search of the text finds them. A part that is not of
this kind, because it is corrupt or was written by others, is read line by line.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from observers.directory.journal_reader import read_points
from observers.directory.lines.decoding import decode_columns
from observers.directory.lines.point import CORRUPT, read_point
from observers.system.untrusted.opening import open_inside

StepsAndValues = tuple[list[float], list[Any]]
"""The steps and the values of a metric, in the order in which they were logged."""

_PART = 16 << 20  # bytes that are searched at once
_MANY = 100  # names
_START = b'\n{"name":"'  # how Journal begins a line
_KEY = b'"name"'  # stands once in a line that Journal writes, if no name or text is `name`
_NAMES = re.compile(rb'\n\{"name":"([^"]*)"')
_ESCAPED_NAMES = re.compile(rb'\n\{"name":"([^"\\\n]*(?:\\.[^"\\\n]*)*)"')


class _UnusualError(ValueError):
    """A part of a journal is not of the form that Journal writes."""


def last_values(journal: Path) -> dict[str, Any]:
    """Return the last value of each metric.

    Raises:
        OSError: the journal is missing or cannot be read; see open_inside.
    """
    last: dict[str, Any] = {}
    try:
        for part in _whole_lines(journal):
            starts = _starts(part)
            ends = _last_starts(part) if len(starts) > _MANY else {}
            for name, start in starts.items():
                found = _last_value(part, start, ends.get(start, len(part)))
                if found is not None:
                    last[name] = found[0]
    except _UnusualError:
        return {point.name: point.value for point in read_points(journal)}
    return last


def read_metric(journal: Path, name: str) -> StepsAndValues | None:
    """Return the points of a metric; None if it has none.

    Raises:
        OSError: the journal is missing or cannot be read; see open_inside.
    """
    steps: list[float] = []
    values: list[Any] = []
    try:
        for part in _whole_lines(journal):
            start = _start_of(name, part)
            if start is not None:
                after = [each.partition(b"\n")[0] for each in part.split(start)[1:]]
                lines = (start + start.join(after))[1:] + b"\n" if after else b""
                found, _ = decode_columns(lines)
                steps += found.steps
                values += found.values
    except _UnusualError:
        return _by_name(journal).get(name)
    return (steps, values) if steps else None


def read_metrics(journal: Path) -> dict[str, StepsAndValues]:
    """Return the points of each metric.

    Raises:
        OSError: the journal is missing or cannot be read; see open_inside.
    """
    columns: dict[str, StepsAndValues] = {}
    try:
        for part in _whole_lines(journal):
            _add_points(columns, zip(*decode_columns(part[1:])[0]))
    except _UnusualError:
        return _by_name(journal)
    return columns


def _by_name(journal: Path) -> dict[str, StepsAndValues]:
    """Read line by line."""
    columns: dict[str, StepsAndValues] = {}
    _add_points(columns, read_points(journal))
    return columns


def _add_points(columns: dict[str, StepsAndValues], points: Iterable[tuple[str, float, Any, datetime]]) -> None:
    for name, step, value, _ in points:
        steps, values = columns.get(name) or columns.setdefault(name, ([], []))
        steps.append(step)
        values.append(value)


def _whole_lines(journal: Path) -> Iterator[bytes]:
    """Read a journal in parts, each with a line break before its first line and after its last."""
    with open_inside(journal.parent, journal.name) as file:
        rest = b"\n"
        while content := file.read(min(_PART, os.fstat(file.fileno()).st_size + 1)):
            part = rest + content
            end = part.rfind(b"\n")
            if end > 0:
                yield part[: end + 1]
            elif len(part) > _PART:
                raise _UnusualError("a line is very long")
            rest = part[end:]


def _starts(part: bytes) -> dict[str, bytes]:
    """Return what the lines of each metric start with, the line break included."""
    is_escaped = b"\\" in part
    found = _pattern_of(part).findall(part)
    if len(found) != part.count(_KEY):
        raise _UnusualError("some lines start in another way, or have a second name")
    if is_escaped:
        in_names = sum(raw.count(b"\\") * count for raw, count in Counter(found).items())
        if in_names != part.count(b"\\"):
            raise _UnusualError("a key may be written in another way")
    starts: dict[str, bytes] = {}
    for raw in dict.fromkeys(found):
        try:
            name = json.loads(b'"%b"' % raw)
        except ValueError:  # so that each line with it is corrupt
            continue
        if starts.setdefault(name, start := b'\n{"name":"%b"' % raw) is not start:
            raise _UnusualError("a name is written in two ways")
    return starts


def _last_starts(part: bytes) -> dict[bytes, int]:
    """Return where the last of each start ends: to search back once for each name takes long if there are many."""
    return {found[0]: found.end() for found in _pattern_of(part).finditer(part)}


def _pattern_of(part: bytes) -> re.Pattern[bytes]:
    return _ESCAPED_NAMES if b"\\" in part else _NAMES


def _start_of(name: str, part: bytes) -> bytes | None:
    """Return what the lines of a metric start with; None if there are none."""
    if b"\\" in part:
        return _starts(part).get(name)
    if part.count(_START) != part.count(_KEY):
        raise _UnusualError("some lines start in another way, or have a second name")
    return b'\n{"name":"%b"' % name.encode("utf-8", "surrogatepass")


def _last_value(part: bytes, start: bytes, end: int) -> tuple[Any] | None:
    """Find the last line before an end that is not corrupt, and return its value; None if there is none."""
    while (place := part.rfind(start, 0, end)) >= 0:
        try:
            return (read_point(part[place + 1 : part.find(b"\n", place + 1) + 1]).value,)
        except CORRUPT:
            end = place + 1
    return None
