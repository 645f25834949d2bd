"""Reads the runs of a directory, recorded by this project or by Sacred's FileStorageObserver."""

import json
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
from observers.stored_runs.notes import read_notes
from observers.stored_runs.runs_directory import run_directories
from observers.system.json_values import parse_float_name
from observers.system.stderr import Warn

_LONGEST_LINE = 1 << 14  # bytes, of a journal


def read_directory(runs: Path, warn: Warn) -> Iterator[FileSystemExperiment]:
    """Read all runs that have started; one that cannot be read is reported and left out.

    No file stays open: incense would keep one for each artifact of each run.
    """
    for directory in run_directories(runs):
        if not (directory / "run.json").exists():
            continue
        try:
            yield _read_run(directory, warn)
        except (OSError, ValueError, TypeError, RecursionError) as error:
            warn(f"left out {directory}: {error}")


def _read_run(directory: Path, warn: Warn) -> FileSystemExperiment:
    entry = _read_json(directory / "run.json")
    if not isinstance(entry, dict):
        raise ValueError("run.json is not a mapping of names to values")
    entry["result"] = parse_float_name(entry.get("result"))
    entry["config"] = _read_json(directory / "config.json")
    entry["info"] = _read_json(directory / "info.json") if (directory / "info.json").exists() else {}
    entry["omniboard"] = _read_notes(directory, warn)
    entry["captured_out"] = _read_output(directory / OUTPUT)
    run_id = int(directory.name) if str(directory.name).isdecimal() and directory.name[0] != "0" else directory.name
    metrics = Metrics(lambda: _read_metrics(directory))
    experiment = FileSystemExperiment(run_id, freeze(entry), _Artifacts(directory), metrics)
    experiment.directory = directory
    return experiment


def inside(directory: Path, name: str) -> Path:
    """Return the path of a file in a directory.

    Raises:
        PermissionError: it leads out of the directory, as an absolute path, `..` or a link does.
    """
    path = (directory / name).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise PermissionError(f"{name} is outside of {directory}")
    return path


class _Artifacts(Mapping[str, Artifact]):
    """The artifacts of a run by name; a file is opened when it is asked for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __getitem__(self, name: str) -> Artifact:
        if name not in set(self):
            raise KeyError(name)
        return Artifact(name, inside(self._directory, name).open("rb"))

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._directory.iterdir() if path.name not in OWN_FILES and path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _read_json(path: Path) -> Any:
    if not path.is_file():  # missing, or a pipe that nobody writes
        raise ValueError(f"{path.name} is {'no file' if path.exists() else 'missing'}")
    text = inside(path.parent, path.name).read_bytes()
    try:
        return orjson.loads(text)
    except ValueError:  # Sacred writes NaN and Infinity, which only Python reads
        try:
            return json.loads(text)
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None


def _read_notes(directory: Path, warn: Warn) -> dict[str, Any]:
    """Read tags and notes, by the names that they have in MongoDB; damaged ones are reported."""
    try:
        notes = read_notes(directory)
    except (OSError, ValueError) as error:
        warn(f"{directory}: {error}")
        return {}
    return {"tags": notes.tags, "notes": notes.text}


def _read_output(path: Path) -> str:
    return inside(path.parent, path.name).read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _read_metrics(directory: Path) -> dict[str, Columns]:
    """Read the points from metrics.json, and from the journal where that has more; the journal is always complete."""
    journal = directory / JOURNAL
    try:
        stored = _read_json(directory / METRICS)
        columns = {name: (metric["steps"], metric["values"]) for name, metric in stored.items()}
        if not all(are_points(*each) for each in columns.values()):
            raise ValueError("not the metrics of a run")
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return _read_journal(journal) if journal.is_file() else {}
    if not journal.is_file():
        return columns
    is_finite = all(None not in values for _, values in columns.values())
    return columns if is_finite and _covers(stored, journal) else _read_journal(journal)


def _covers(stored: Mapping[str, Any], journal: Path) -> bool:
    """Tell whether metrics.json has the last point of the journal, and so all of them."""
    with journal.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _LONGEST_LINE))
        *lines, _ = file.read().split(b"\n")
    try:
        point = orjson.loads(lines[-1])
        return bool(stored[point["name"]]["timestamps"][-1] == point["timestamp"])
    except (ValueError, TypeError, KeyError, IndexError):
        return False


def _read_journal(journal: Path) -> dict[str, Columns]:
    text = journal.read_bytes()
    columns: dict[str, tuple[list[Any], list[Any]]] = {}
    try:
        whole = text[: text.rfind(b"\n")] if b"\n" in text else b""
        points = orjson.loads(b"[" + whole.replace(b"\n", b",") + b"]")  # fifteen times as fast as line by line
        named = [(point["name"], point["step"], point["value"]) for point in points]
        if not all(type(name) is str and type(step) in (int, float) for name, step, _ in named):
            raise ValueError("not a point")
    except (ValueError, TypeError, KeyError):  # a line is corrupt
        named = [point[:3] for point in read_points(journal)]
    for name, step, value in named:
        steps, values = columns.setdefault(name, ([], []))
        steps.append(step)
        values.append(parse_float_name(value))
    return {name: found for name, found in columns.items()}
