"""Reads the runs of a directory, recorded by this project or by Sacred's FileStorageObserver."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from incense.artifact import Artifact
from incense.experiment import FileSystemExperiment
from pyrsistent import freeze

from analysis.sources.metrics import Columns, Metrics, are_points
from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import read_points
from observers.directory.metrics_file import METRICS
from observers.directory.recording import OUTPUT, OWN_FILES
from observers.stored_runs.copies import find_copies
from observers.stored_runs.notes import read_notes
from observers.stored_runs.runs_directory import link_lines, run_directories
from observers.system.json_values import parse_float_name
from observers.system.stderr import Warn
from observers.system.untrusted.json_files import read_json_inside
from observers.system.untrusted.opening import UnsafeFileError, is_file_inside, open_inside, read_end, read_inside

_LONGEST_LINE = 1 << 14  # bytes, of a journal
_LARGEST_OUTPUT = 8 << 20  # bytes that are read


def read_directory(runs: Path, warn: Warn) -> Iterator[FileSystemExperiment]:
    """Read all runs that have started, each once; one that cannot be read is reported and left out, as are copies.

    No file stays open: incense would keep one for each artifact of each run.

    Raises:
        OSError: the directory cannot be read.
    """
    for line in link_lines(runs):
        warn(f"left out: {line}")
    directories = run_directories(runs)
    copies = find_copies(directories)
    for directory in directories:
        if directory in copies:
            warn(f"left out {directory}: it is a copy of {copies[directory]}")
            continue
        if not os.path.lexists(directory / "run.json"):
            continue
        try:
            yield _read_run(directory, warn)
        except (OSError, ValueError, TypeError, RecursionError) as error:
            warn(f"left out {directory}: {error}")


def _read_run(directory: Path, warn: Warn) -> FileSystemExperiment:
    entry = read_json_inside(directory, "run.json")
    if not isinstance(entry, dict):
        raise ValueError("run.json is not a mapping of names to values")
    entry["result"] = parse_float_name(entry.get("result"))
    entry["config"] = read_json_inside(directory, "config.json")
    entry["info"] = _read_info(directory)
    entry["omniboard"] = _read_notes(directory, warn)
    entry["captured_out"] = _read_output(directory)
    run_id = int(directory.name) if str(directory.name).isdecimal() and directory.name[0] != "0" else directory.name
    metrics = Metrics(lambda: _read_metrics(directory, warn))
    experiment = FileSystemExperiment(run_id, freeze(entry), _Artifacts(directory), metrics)
    experiment.directory = directory
    return experiment


class _Artifacts(Mapping[str, Artifact]):
    """The artifacts of a run by name; a file is opened when it is asked for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __getitem__(self, name: str) -> Artifact:
        if name not in set(self):
            raise KeyError(name)
        return Artifact(name, open_inside(self._directory, name))

    def __iter__(self) -> Iterator[str]:
        return (
            path.name
            for path in self._directory.iterdir()
            if path.name not in OWN_FILES and is_file_inside(self._directory, path.name)
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _read_info(directory: Path) -> Any:
    try:
        return read_json_inside(directory, "info.json")
    except FileNotFoundError:
        return {}


def _read_notes(directory: Path, warn: Warn) -> dict[str, Any]:
    """Read tags and notes, by the names that they have in MongoDB; damaged ones are reported."""
    try:
        notes = read_notes(directory)
    except (OSError, ValueError) as error:
        warn(f"{directory}: {error}")
        return {}
    return {"tags": notes.tags, "notes": notes.text}


def _read_output(directory: Path) -> str:
    """Read the end of the output; an output that cannot be read is empty."""
    try:
        return read_end(directory, OUTPUT, _LARGEST_OUTPUT)[0].decode("utf-8", "replace")
    except OSError:
        return ""


def _read_metrics(directory: Path, warn: Warn) -> dict[str, Columns]:
    """Read the points from metrics.json, and from the journal where that has more; the journal is always complete."""
    has_journal = is_file_inside(directory, JOURNAL)
    try:
        stored = read_json_inside(directory, METRICS)
        columns = {name: (metric["steps"], metric["values"]) for name, metric in stored.items()}
        if not all(are_points(*each) for each in columns.values()):
            raise ValueError("not the metrics of a run")
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return _read_journal(directory, warn) if has_journal else {}
    if not has_journal:
        return columns
    is_finite = all(None not in values for _, values in columns.values())
    return columns if is_finite and _covers(stored, directory) else _read_journal(directory, warn)


def _covers(stored: Mapping[str, Any], directory: Path) -> bool:
    """Tell whether metrics.json has the last point of the journal, and so all of them."""
    try:
        *lines, _ = read_end(directory, JOURNAL, _LONGEST_LINE)[0].split(b"\n")
        point = orjson.loads(lines[-1])
        return bool(stored[point["name"]]["timestamps"][-1] == point["timestamp"])
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return False


def _read_journal(directory: Path, warn: Warn) -> dict[str, Columns]:
    try:
        points = _read_points(directory)
    except OSError as error:
        warn(f"{directory}: {error}")
        return {}
    columns: dict[str, tuple[list[Any], list[Any]]] = {}
    for name, step, value in points:
        steps, values = columns.setdefault(name, ([], []))
        steps.append(step)
        values.append(parse_float_name(value))
    return {name: found for name, found in columns.items()}


def _read_points(directory: Path) -> list[tuple[str, float, Any]]:
    """Read name, step and value of each point: all at once, which is fifteen times as fast, or line by line."""
    try:
        text = read_inside(directory, JOURNAL)
        whole = text[: text.rfind(b"\n")] if b"\n" in text else b""
        points = orjson.loads(b"[" + whole.replace(b"\n", b",") + b"]")
        named = [(point["name"], point["step"], point["value"]) for point in points]
        if all(type(name) is str and type(step) in (int, float) for name, step, _ in named):
            return named
    except (UnsafeFileError, ValueError, TypeError, KeyError):  # the journal is very long, or a line is corrupt
        pass
    return [point[:3] for point in read_points(directory / JOURNAL)]
