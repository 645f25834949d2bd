"""Makes the MongoDB document of a run: the entries of Sacred's MongoObserver, each small enough for the document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bson
from sacred.observers import MongoObserver
from sacred.observers.mongo import force_bson_encodeable

from observers.directory.recording import OUTPUT
from observers.stored_runs.liveness import read_time
from observers.stored_runs.stored_run import StoredRun
from observers.system.json_values import parse_float_name
from observers.system.stderr import Warn

LARGEST_OUTPUT = 8 << 20
"""Bytes of the output that the document of an ended run holds; of more, it holds the end."""

_LARGEST_LIVE_OUTPUT = 1 << 18  # bytes, while the run goes on
_LARGEST_ENTRY = 1 << 20  # bytes of any other entry
_TIMES = ("start_time", "stop_time", "heartbeat", "queue_time")


@dataclass(frozen=True)
class RunDocument:
    """The document of a run, without its artifacts.

    Attributes:
        content: what MongoDB gets.
        oversize: the files of entries that are too large for the document.
    """

    content: dict[str, Any]
    oversize: frozenset[str]


def make_document(
    run: StoredRun, sources: Sequence[Sequence[Any]], metrics: Sequence[Mapping[str, str]], warn: Warn
) -> RunDocument:
    """Make the document of a run.

    Args:
        run: as it is on disk.
        sources: the name and the GridFS id of each source.
        metrics: the name and the id of each metric document.
        warn: called with the entries that are delivered as text.
    """
    entry = {name: value for name, value in run.entry.items() if name not in ("artifacts", "artifact_details")}
    parts = {
        **entry,
        "format": MongoObserver.VERSION,
        "experiment": {**(entry.get("experiment") or {}), "sources": sources},
        "config": run.config,
        "info": {**run.info, "metrics": metrics},
        "result": parse_float_name(entry.get("result")),
        "resources": [[name, Path(copy).stem.rpartition("_")[2]] for name, copy in entry.get("resources") or []],
        **{name: read_time(entry[name]) for name in _TIMES if name in entry},
    }
    oversize: set[str] = set()
    content = {name: _fitting(name, value, oversize, warn) for name, value in parts.items()}
    if not isinstance(content["info"], dict):
        content["info"] = {"uuid": run.uuid, "metrics": metrics, "left_out": content["info"]}
    most = _LARGEST_LIVE_OUTPUT if run.status == "RUNNING" else LARGEST_OUTPUT
    content["captured_out"] = _read_end(run.directory / OUTPUT, most)
    return RunDocument(content, frozenset(oversize))


def _fitting(name: str, value: Any, oversize: set[str], warn: Warn) -> Any:
    """Return what BSON can encode and the document can hold."""
    try:
        value = force_bson_encodeable(value)
        size = len(bson.encode({name: value}))
    except (OverflowError, UnicodeError, bson.errors.BSONError) as error:
        warn(f"{name} is delivered as text: {error}")
        return str(value).encode("utf-8", "backslashreplace").decode()[:_LARGEST_ENTRY]
    if size <= _LARGEST_ENTRY:
        return value
    oversize.add(f"{name}.json" if name in ("info", "config") else "run.json")
    return f"{size} bytes, among the artifacts"


def _read_end(path: Path, most: int) -> str:
    """Read the last bytes of a file, after a line with the number of bytes before them."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return text if size <= most else f"... {size - most} bytes before this\n{text.lstrip(chr(0xFFFD))}"
