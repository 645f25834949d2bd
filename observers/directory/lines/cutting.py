"""Cuts the lines that a journal writes at the quotes in them, with NumPy.

The offsets of all quotes in a block give those of names, steps, values and times.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from observers.directory.lines.numbers import as_python

Offsets = Any
"""int64 [line]: an offset in a block for each line."""

_QUOTES = 12  # in a line
_FEW = 20  # metrics, each of which is searched in all lines
_TIME, _SECOND = len("2026-11-23T10:00:00.000001"), len("2026-11-23T10:00:00")
_FORM = np.frombuffer(b"0000-00-00T00:00:00.000000", np.uint8)
_IS_DIGIT = np.equal(_FORM, ord("0"))
_NOT_FINITE = re.compile(rb'"value":"(?:NaN|-?Infinity)",')


def cut_at_once(block: bytes) -> dict[str, tuple[bytes, ...]] | None:
    """Cut whole lines.

    Returns:
        The steps, timestamps and values of each metric, separated by commas; None if a line has another form than the
        journal writes, or is corrupt.
    """
    data = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(data == ord('"'))
    lines = block.count(b"\n")
    if len(quotes) > _QUOTES * lines and b'"value":"' in block:
        finite = _NOT_FINITE.sub(b'"value":null,', block)
        return cut_at_once(finite) if len(finite) < len(block) else None
    if not lines or len(quotes) != _QUOTES * lines or not block.endswith(b'"}\n'):
        return None
    place = quotes.reshape(lines, _QUOTES).T
    if not _has_form(block, data, place) or not _are_times(block, place[10] + 1):
        return None
    groups = _group(block, place[2] + 1, place[3])
    if groups is None:
        return None
    order = np.concatenate(list(groups.values()))
    steps = _checked(_gather(block, place[5][order] + 2, place[6][order]), {int, float})
    values = _checked(_gather(block, place[7][order] + 2, place[8][order]), {int, float, bool, type(None)})
    if steps is None or values is None:
        return None
    times = _times(block, place[10][order])
    ends = np.cumsum([len(rows) for rows in groups.values()])
    return dict(zip(groups, zip(*(column.parts(ends) for column in (steps, times, values)))))


def _has_form(block: bytes, data: Any, place: Any) -> bool:
    """Tell whether all that lies between names and numbers is as the journal writes it."""
    starts = np.concatenate([[0], np.flatnonzero(data == ord("\n"))[:-1] + 1])
    if np.any(place[2] - starts != len(b'{"name":')) or np.any(place[11] - place[10] != 1 + _TIME):
        return False
    literals = (
        (starts, b'{"name":"'),
        (place[3], b'","step":'),
        (place[6] - 1, b',"value":'),
        (place[8] - 1, b',"timestamp":"'),
        (place[11], b'"}\n'),
    )
    return all(bool(np.all(_texts_at(block, offsets, len(text)) == text)) for offsets, text in literals)


def _are_times(block: bytes, offsets: Offsets) -> bool:
    """Tell whether the texts are times as `datetime.isoformat` writes them, with microseconds that are not 0."""
    texts = _texts_at(block, offsets, _TIME)
    letters = texts.view(np.uint8).reshape(-1, _TIME)
    digits = letters[:, _IS_DIGIT]
    if np.any(letters[:, ~_IS_DIGIT] != _FORM[~_IS_DIGIT]) or np.any((digits < ord("0")) | (digits > ord("9"))):
        return False
    if np.any(_texts_at(block, offsets + _SECOND + 1, _TIME - _SECOND - 1) == b"000000"):
        return False
    seconds = _texts_at(block, offsets, _SECOND)
    changes = np.flatnonzero(seconds[1:] != seconds[:-1]) + 1
    try:
        for second in (seconds[0], *seconds[changes]):
            datetime.fromisoformat(second.decode())
    except ValueError:
        return False
    return True


def _times(block: bytes, offsets: Offsets) -> _Column:
    """Return the times at these offsets, with their quotes."""
    width = _TIME + 3  # with the byte behind, which becomes a comma
    letters = _texts_at(block, offsets, width).view(np.uint8).reshape(-1, width)
    letters[:, -1] = ord(",")
    return _Column(letters.tobytes(), width * np.arange(1, len(offsets) + 1))


def _group(block: bytes, starts: Offsets, ends: Offsets) -> dict[str, Offsets] | None:
    """Return the numbers of the lines of each metric; None if a name is no JSON, or is written in two ways."""
    groups: dict[str, Offsets] = {}
    lengths = ends - starts
    left = np.arange(len(starts))
    while len(left):
        if len(groups) == _FEW:
            return _group_many(block, starts, ends)
        start, length = int(starts[left[0]]), int(lengths[left[0]])
        text = block[start : start + length]
        found = lengths[left] == length
        if length:
            found[found] = _texts_at(block, starts[left[found]], length) == text
        try:
            name = json.loads(b'"' + text + b'"')
        except ValueError:
            return None
        if name in groups or b"\0" in text:
            return None
        groups[name] = left[found]
        left = left[~found]
    return groups


def _group_many(block: bytes, starts: Offsets, ends: Offsets) -> dict[str, Offsets] | None:
    """Group as `_group` does, in a time that does not grow with the number of metrics."""
    numbers: dict[bytes, int] = {}
    texts = [block[start:end] for start, end in zip(starts.tolist(), ends.tolist())]
    of_lines = np.array([numbers.setdefault(text, len(numbers)) for text in texts])
    rows = np.split(np.argsort(of_lines, kind="stable"), np.cumsum(np.bincount(of_lines))[:-1])
    try:
        names = [json.loads(b'"' + text + b'"') for text in numbers]
    except ValueError:
        return None
    return dict(zip(names, rows)) if len(set(names)) == len(names) else None


def _texts_at(block: bytes, offsets: Offsets, length: int) -> Any:
    """Return bytes [line]: a text of this length at each offset."""
    return np.ndarray((len(block) - length + 1,), f"S{length}", block, strides=(1,))[offsets]


class _Column(NamedTuple):
    """Texts, each with a comma behind it.

    Attributes:
        text: all of them.
        ends: int64 [line], the offset behind each comma.
    """

    text: bytes
    ends: Offsets

    def parts(self, lines: Any) -> list[bytes]:
        """Return the texts up to each of these numbers of lines, from the one before, without the last comma."""
        ends = self.ends[lines - 1].tolist()
        return [self.text[start : end - 1] for start, end in zip([0, *ends], ends)]


def _gather(block: bytes, starts: Offsets, ends: Offsets) -> _Column | None:
    """Take the bytes from each start to each end; None if one has more than the time behind it."""
    lengths = ends - starts
    width = int(lengths.max())
    if width > _TIME:
        return None
    letters = _texts_at(block, starts, width).view(np.uint8).reshape(-1, width)
    return _Column(letters[np.arange(width) < lengths[:, None]].tobytes(), np.cumsum(lengths))


def _checked(column: _Column | None, kinds: set[type]) -> _Column | None:
    """Return numbers as Python writes them; None if they cannot be checked together, or one is of another kind."""
    texts = as_python(column.text[:-1], len(column.ends), kinds) if column is not None else None
    if column is None or texts is None or isinstance(texts, bytes):
        return column if texts is not None else None
    return _Column((",".join(texts) + ",").encode(), np.cumsum([len(each) + 1 for each in texts]))
