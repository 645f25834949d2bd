"""Writes files atomically: a reader finds either the old content or the new."""

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from observers.system.json_values import to_json


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` at the end of the block, or is removed if the block raises."""
    new = _temporary(path)
    try:
        with new.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Replace a file by content as JSON, converted as Sacred does."""
    with atomic_write(path) as file:
        file.write(json.dumps(to_json(content), sort_keys=True, indent=2, allow_nan=False).encode() + b"\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not JSON; the message names it.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from None


def copy_new(source: Path, target: Path) -> bool:
    """Copy a file atomically, unless the target exists.

    Returns:
        True if the file was copied, False if the target exists already; it stays unchanged.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    new = _temporary(target)
    try:
        with source.open("rb") as original, new.open("xb") as file:
            shutil.copyfileobj(original, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, target)
        except FileExistsError:
            return False
        except OSError:  # the file system has no hard links
            if target.exists():
                return False
            new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return True


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name[:200]}.{uuid.uuid4().hex[:12]}")
