"""Writes files so that a reader finds the old content or the new, and JSON that every reader takes.

A number that JSON has no word for is written as the strings NaN, Infinity and -Infinity (those of Protocol Buffers'
mapping to JSON).
"""

import json
import math
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from sacred.serializer import flatten

_ATTEMPTS = 3


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """Provide a file that takes the place of `path` when the block ends well, and vanishes when it does not."""
    new = _beside(path)
    try:
        with new.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Replace a file by content as JSON, flattened as Sacred does it."""
    with replaced(path) as file:
        file.write(json.dumps(_plain(content), sort_keys=True, indent=2, allow_nan=False).encode() + b"\n")


def read_json(path: Path) -> Any:
    """Read a file of JSON.

    Raises:
        OSError: when it cannot be read.
        ValueError: when it is no JSON; the message names the file.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is no JSON: {error}") from None


def copy_new(source: Path, target: Path) -> bool:
    """Copy a file to where there is none, whole or not at all.

    Returns:
        Whether it was copied; False when there is a file already, which stays as it is.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    new = _beside(target)
    try:
        with source.open("rb") as original, new.open("xb") as file:
            shutil.copyfileobj(original, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            if target.exists():
                return False
            new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return True


def _plain(content: object) -> Any:
    """Make what JSON knows of anything; what cannot be flattened is described, and takes nothing else with it."""
    for _ in range(_ATTEMPTS):
        try:
            return finite(flatten(_python(content)))
        except RuntimeError:  # a dictionary that another thread has just changed
            continue
        except Exception:
            break
    if isinstance(content, dict):
        return {str(name): _plain(value) for name, value in list(content.items())}
    return str(content)


def _python(value: Any) -> Any:
    """Make Python's of NumPy's numbers, in whatever they are."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {name: _python(item) for name, item in value.items()}
    return [_python(item) for item in value] if type(value) in (list, tuple) else value


def finite(value: Any) -> Any:
    """Spell the numbers that are not finite, in whatever they are."""
    if isinstance(value, float) and not math.isfinite(value):
        return spelled(value)
    if isinstance(value, dict):
        return {name: finite(item) for name, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list) else value


def spelled(value: float) -> str:
    """Spell NaN or an infinity."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


_UNSPELLED: dict[object, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def unspelled(value: Any) -> Any:
    """Give back the number that was spelled, and anything else as it is."""
    return _UNSPELLED.get(value, value) if isinstance(value, str) else value


def attempt(what: str, function: Callable[[], object], say: Callable[[str], None]) -> bool:
    """Call a function; say in one line what failed, and tell whether it went well."""
    try:
        function()
    except Exception as error:  # one item that cannot be recorded takes no other with it
        say(f"{what}: {error}")
        return False
    return True


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:200]}.{uuid.uuid4().hex[:12]}")
