"""Reads the runs of a directory, recorded by this project or by Sacred's FileStorageObserver."""

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from incense.artifact import Artifact
from incense.experiment import FileSystemExperiment

from analysis.sources.metrics import Curve, Metrics, are_points, last_of
from analysis.sources.run_data import RunData
from observers.directory.journal import JOURNAL
from observers.directory.lookup.journal_lookup import last_values, read_metric, read_metrics
from observers.directory.metrics_file import METRICS
from observers.directory.recording import OUTPUT, OWN_FILES
from observers.errors import line_of_error
from observers.stored_runs.copies import find_copies_among
from observers.stored_runs.notes import read_notes
from observers.stored_runs.runs_directory import link_lines, read_entries
from observers.system.json_values import parse_float_name
from observers.system.stderr import Warn
from observers.system.untrusted.json_files import read_json_inside
from observers.system.untrusted.opening import is_file_inside, open_inside, read_end

_LARGEST_OUTPUT = 8 << 20  # bytes that are read
_UNREADABLE = (OSError, ValueError, TypeError, RecursionError)

Found = TypeVar("Found")


def read_directory(runs: Path, warn: Warn) -> Iterator[FileSystemExperiment]:
    """Read all runs that have started, each once; one that cannot be read is reported and left out, as are copies.

    No file stays open: incense would keep one for each artifact of each run.

    Raises:
        OSError: the directory cannot be read.
    """
    for line in link_lines(runs):
        warn(f"left out: {line}")
    entries = read_entries(runs)
    copies = find_copies_among(entries.items())
    for directory, entry in entries.items():
        if directory in copies:
            warn(f"left out {directory}: it is a copy of {copies[directory]}")
            continue
        if isinstance(entry, FileNotFoundError) and not os.path.lexists(directory / "run.json"):
            continue
        try:
            yield _read_run(directory, entry, warn)
        except _UNREADABLE as error:
            warn(f"left out {directory}: {line_of_error(error)}")


def _read_run(directory: Path, entry: Any, warn: Warn) -> FileSystemExperiment:
    if isinstance(entry, Exception):
        raise entry
    if not isinstance(entry, dict):
        raise ValueError("run.json is not a mapping of names to values")
    stored = {
        **entry,
        "result": parse_float_name(entry.get("result")),
        "config": read_json_inside(directory, "config.json"),
        "info": _read_info(directory),
        "omniboard": _read_notes(directory, warn),
    }
    run_id = int(directory.name) if str(directory.name).isdecimal() and directory.name[0] != "0" else directory.name
    data = RunData(stored, {"captured_out": lambda: _read_output(directory)})
    artifacts = _Artifacts(directory, entry.get("artifacts"))
    experiment = FileSystemExperiment(run_id, data, artifacts, _make_metrics(directory, warn))
    experiment.directory = directory
    return experiment


class _Artifacts(Mapping[str, Artifact]):
    """The artifacts of a run by name; a file is opened when it is asked for.

    A hidden file is one if it was recorded as such: others are temporary ones.
    """

    def __init__(self, directory: Path, recorded: Any) -> None:
        self._directory = directory
        self._recorded = recorded if isinstance(recorded, list) else []

    def __getitem__(self, name: str) -> Artifact:
        if name not in set(self):
            raise KeyError(name)
        return Artifact(name, open_inside(self._directory, name))

    def __iter__(self) -> Iterator[str]:
        return (
            path.name
            for path in self._directory.iterdir()
            if path.name not in OWN_FILES
            and (path.name[0] != "." or path.name in self._recorded)
            and is_file_inside(self._directory, path.name)
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
        warn(f"{directory}: {line_of_error(error)}")
        return {}
    return {"tags": notes.tags, "notes": notes.text}


def _read_output(directory: Path) -> str:
    """Read the end of the output; an output that cannot be read is empty."""
    try:
        return read_end(directory, OUTPUT, _LARGEST_OUTPUT)[0].decode("utf-8", "replace")
    except OSError:
        return ""


def _make_metrics(directory: Path, warn: Warn) -> Metrics:
    """Return the metrics of a run: those of its journal, which is always complete, or else of metrics.json."""
    warn = functools.cache(warn)  # each look-up reads them again

    def look_up(in_journal: Callable[[Path], Found], in_columns: Callable[[dict[str, Curve]], Found]) -> Found:
        try:
            return in_journal(directory / JOURNAL)
        except FileNotFoundError:
            return in_columns(_read_metrics_file(directory, warn))
        except OSError as error:  # metrics.json may lack points that the journal has
            warn(f"{directory}: {line_of_error(error)}")
            return in_columns({})

    return Metrics(
        lambda: look_up(read_metrics, dict),
        lambda: look_up(last_values, last_of),
        lambda name: look_up(lambda journal: read_metric(journal, name), lambda columns: columns.get(name)),
    )


def _read_metrics_file(directory: Path, warn: Warn) -> dict[str, Curve]:
    """Read metrics.json of a run that has no journal, as Sacred's FileStorageObserver writes it."""
    try:
        stored = read_json_inside(directory, METRICS)
        curves = {name: (metric["steps"], metric["values"]) for name, metric in stored.items()}
        if not all(are_points(*each) for each in curves.values()):
            raise TypeError
        return curves
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        warn(f"{directory}: {line_of_error(error)}")
    except (TypeError, KeyError, AttributeError, RecursionError):
        warn(f"{directory}: {METRICS} holds no steps and values")
    return {}
