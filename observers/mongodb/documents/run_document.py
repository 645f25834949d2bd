"""Makes the MongoDB document of a run: the entries of Sacred's MongoObserver, each small enough for the document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import bson
from sacred.observers import MongoObserver

from observers.directory.recording import OUTPUT
from observers.mongodb.documents.bson_values import to_bson
from observers.stored_runs.liveness import read_time
from observers.stored_runs.stored_run import StoredRun
from observers.system.json_values import parse_float_name
from observers.system.stderr import Warn
from observers.system.untrusted.opening import read_end

LARGEST_OUTPUT = 8 << 20
"""Bytes of the output that the document of an ended run holds; of more, it holds the end."""

_LARGEST_LIVE_OUTPUT = 1 << 18  # bytes, while the run goes on
_LARGEST_ENTRY = 1 << 20  # bytes of any other entry
_OURS = ("_id", "delivered", "delivered_notes", "omniboard", "seen")  # fields that no run.json may set
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
        warn: called with an output that cannot be read.
    """
    entry = {name: value for name, value in run.entry.items() if name not in ("artifacts", "artifact_details")}
    experiment = entry.get("experiment")
    parts = {
        **entry,
        "format": MongoObserver.VERSION,
        "experiment": {**(experiment if isinstance(experiment, dict) else {}), "sources": sources},
        "config": run.config,
        "info": {**run.info, "metrics": metrics},
        "result": parse_float_name(entry.get("result")),
        "resources": _resources(entry.get("resources")),
        **{name: read_time(entry[name]) for name in _TIMES if name in entry},
    }
    oversize: set[str] = set()
    content = {to_bson(name): _fitting(name, value, oversize) for name, value in parts.items() if name not in _OURS}
    if not isinstance(content["info"], dict):
        content["info"] = {"uuid": run.uuid, "metrics": metrics, "left_out": content["info"]}
    most = _LARGEST_LIVE_OUTPUT if run.status == "RUNNING" else LARGEST_OUTPUT
    content["captured_out"] = ""
    try:
        content["captured_out"] = _read_output(run, most)
    except FileNotFoundError:  # nothing was printed yet, or the file was lost: see keep_more
        pass
    except OSError as error:
        warn(str(error))
    return RunDocument(content, frozenset(oversize))


def _resources(listed: Any) -> list[list[str]]:
    """Return the name and the MD5 of each resource, which is in the name of its copy."""
    pairs = [pair for pair in listed if isinstance(pair, list) and len(pair) == 2] if isinstance(listed, list) else []
    return [[str(name), PurePath(str(copy)).stem.rpartition("_")[2]] for name, copy in pairs]


def _fitting(name: str, value: Any, oversize: set[str]) -> Any:
    """Return what BSON can encode and the document can hold."""
    value = to_bson(value)
    size = len(bson.encode({"": value}))
    if size <= _LARGEST_ENTRY:
        return value
    oversize.add(f"{name}.json" if name in ("info", "config") else "run.json")
    return f"{size} bytes, among the artifacts"


def _read_output(run: StoredRun, most: int) -> str:
    """Read the last bytes of the output, after a line with the number of bytes before them.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
    """
    content, before = read_end(run.directory, OUTPUT, most)
    text = content.decode("utf-8", "replace")
    return f"... {before} bytes before this\n{text.lstrip(chr(0xFFFD))}" if before else text
