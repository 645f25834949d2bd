"""Keeps what a run document has when the directory has lost it: missing or torn is not empty.

What a run records only grows. So where MongoDB has more, the directory was damaged, and MongoDB keeps what it has.
"""

import re
from collections.abc import Mapping
from typing import Any

import bson

from observers.stored_runs.stored_run import StoredRun
from observers.system.stderr import Warn

FIELDS = ("config", "info", "captured_out", "status")
"""Of the stored document, which keep_more compares."""

_CUT = re.compile(r"\.\.\. (\d+) bytes before this\n")
_PARTIAL = chr(0xFFFD)  # a character whose last bytes were not written yet


def keep_more(content: Mapping[str, Any], stored: Mapping[str, Any], run: StoredRun, warn: Warn) -> dict[str, Any]:
    """Return the new document without the entries of which MongoDB has more.

    Args:
        content: the new document.
        stored: the fields of the document in MongoDB.
        run: on disk; its `damage` names the files that could not be read.
        warn: called with each entry that MongoDB keeps.
    """
    kept = dict(content)
    for name in ("config", "info"):
        if _is_damaged(run, f"{name}.json") and _has_content(stored.get(name)):
            warn(f"MongoDB keeps its {name}")
            del kept[name]
    if "config" in kept:  # it does not change after the start
        kept["config"] = _with_lost_entries("config.json", kept["config"], stored.get("config"), warn)
    if "info" in kept and stored.get("status") not in (None, "RUNNING"):
        kept["info"] = _with_lost_entries("info.json", kept["info"], stored.get("info"), warn)
    earlier = stored.get("captured_out")
    if isinstance(earlier, str) and earlier and not _continues(kept.get("captured_out"), earlier):
        warn("cout.txt lacks a part of the output; MongoDB keeps what it has")
        kept.pop("captured_out", None)
    return kept


def differing_entries(stored: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    """Name the entries of a new document that the stored one lacks, or has with another value."""
    names = [name for name in content if name in stored or name in FIELDS]
    return [f"entry {name}" for name in names if _encoded(stored.get(name)) != _encoded(content[name])]


def _encoded(value: Any) -> bytes:
    """Return a value as MongoDB stores it, without the links to metrics, which each delivery makes."""
    if isinstance(value, Mapping):
        value = {name: item for name, item in value.items() if name != "metrics"}
    return bson.encode({"": value})


def _is_damaged(run: StoredRun, file: str) -> bool:
    return any(line.startswith(file) for line in run.damage)


def _has_content(value: Any) -> bool:
    """Tell whether an entry has more than the uuid and the links that each delivery makes."""
    return bool(isinstance(value, Mapping) and value.keys() - {"uuid", "metrics"}) or isinstance(value, str)


def _with_lost_entries(file: str, entries: Any, stored: Any, warn: Warn) -> Any:
    """Add the entries that a file has lost."""
    if not isinstance(entries, Mapping) or not isinstance(stored, Mapping):
        return entries
    lost = {name: value for name, value in stored.items() if name not in entries and name != "left_out"}
    if lost:
        warn(f"{file} lacks {', '.join(sorted(map(str, lost)))}; MongoDB keeps it")
    return {**entries, **lost}


def _continues(new: Any, earlier: str) -> bool:
    """Tell whether an output has all of an earlier one; of a long output, the documents hold only the end.

    If both are as long and differ, the directory is right: somebody has changed the document.
    """
    if not isinstance(new, str):
        return False
    earlier = earlier.rstrip(_PARTIAL)
    if _CUT.match(new) is None and _CUT.match(earlier) is None:
        is_written = "\0" not in new and len(new) >= len(earlier)  # a power cut leaves less, or zeros
        return new.startswith(earlier) or is_written
    return _PARTIAL in earlier or _size(new) >= _size(earlier)


def _size(output: str) -> int:
    """Return the number of bytes of the file that a stored output is the end of."""
    cut = _CUT.match(output)
    return len(output.encode("utf-8", "replace")) if cut is None else int(cut[1]) + len(output[cut.end() :].encode())
