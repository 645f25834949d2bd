"""Reads JSON files that strangers may have written: of any content, but bounded in size and depth."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from observers.system.untrusted.descriptors import shown
from observers.system.untrusted.opening import read_inside

_DEEPEST = 250  # levels of lists and mappings
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 19  # orjson makes a float of an integer that is too long for 64 bits


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Do not look for cycles of objects: JSON has none, and the search takes longer than parsing many files."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def read_json_inside(root: Path, name: object) -> Any:
    """Read a JSON file, whose numbers may be of any size, NaN or infinite.

    Raises:
        OSError: see read_inside.
        ValueError: the file is not JSON, or nested too deep; the message names it.
    """
    text = read_inside(root, name)
    try:
        content = _parse(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{shown(name)} is not JSON: {error}") from None
    if text.count(b"[") + text.count(b"{") > _DEEPEST and _is_deeper(content):
        raise ValueError(f"{shown(name)} is nested deeper than {_DEEPEST} levels")
    return content


def _parse(text: bytes) -> Any:
    try:
        zeros = text.translate(_ZEROS)
        if _LONG_NUMBER not in zeros or _LONG_NUMBER not in zeros.replace(b"." + _LONG_NUMBER, b""):
            return orjson.loads(text)  # several times as fast
    except orjson.JSONDecodeError:  # NaN, Infinity, lone surrogates, or damage
        pass
    return json.loads(text)


def _is_deeper(content: Any) -> bool:
    level = [content]
    for _ in range(_DEEPEST):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True
