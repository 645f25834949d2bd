"""Reads recorded runs from directories and databases, as experiments of incense."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from incense.query_set import QuerySet

from analysis.sources.directory import read_directory
from analysis.sources.mongodb import read_mongodb
from analysis.sources.run_data import plain
from observers.mongodb.address import read_address
from observers.redaction import redact
from observers.stored_runs.runs_directory import run_directories
from observers.system.stderr import Warn, warn
from observers.system.untrusted.json_files import garbage_collection_paused

_SCHEMES = ("mongodb://", "mongodb+srv://")


def load_runs(*sources: str | Path, warn: Warn = warn) -> QuerySet:
    """Read all runs that have started, in the order of the sources and of their ids.

    A run that cannot be read is reported and left out, and so is a copy of a run. With several sources, the id of a
    run begins with its source: `runs/sizes/3`.

    Args:
        sources: directories of runs, or mongodb:// URLs with the database.
        warn: called with a line for each run that is left out.

    Returns:
        incense's experiments, with config, info, metrics and result, wherever they come from. Nothing that is stored
        is executed. Metrics are read at the first access.

    Raises:
        FileNotFoundError: there is no such directory.
        ValueError: the URL is not valid.
        ConnectionError: the database does not answer.
    """
    loaded = []
    with garbage_collection_paused():
        for source in dict.fromkeys(map(str, sources)):
            for experiment in _read(source, warn):
                if len(sources) > 1:
                    experiment.id = f"{_label(source)}/{experiment.id}"
                loaded.append(experiment)
    return QuerySet(_without_copies(loaded, warn))


def describe(source: str | Path) -> str:
    """Name a source in a message; the URL of a database may hold a password."""
    if is_url(source):
        return str(source).partition("?")[0].rpartition("/")[2]
    return redact(str(source).rstrip("/"))


def is_url(source: str | Path) -> bool:
    """Tell whether a source is a database."""
    return str(source).lower().startswith(_SCHEMES)


def _label(source: str) -> str:
    """Return what the ids of a source begin with: the path of a directory, or host and name of a database."""
    return repr(read_address(source)) if is_url(source) else describe(source)


def subdirectories_with_runs(source: str | Path) -> list[str]:
    """List the directories in a directory that hold runs, for a message."""
    if is_url(source) or not Path(source).is_dir():
        return []
    return sorted(str(path) for path in Path(source).iterdir() if path.is_dir() and _has_runs(path))


def _read(source: str, warn: Warn) -> Iterable[Any]:
    if is_url(source):
        return read_mongodb(source)
    if not Path(source).is_dir():
        raise FileNotFoundError(f"{describe(source)} is not a directory of runs")
    return read_directory(Path(source), warn)


def _without_copies(experiments: Iterable[Any], warn: Warn) -> Iterator[Any]:
    """Leave out a second run of the same uuid: a copied directory, or the run that its own database holds as well."""
    seen: dict[str, object] = {}
    for experiment in experiments:
        info = plain(experiment, "info")
        uuid = info.get("uuid") if isinstance(info, Mapping) else None
        if isinstance(uuid, str):  # a damaged file may hold anything
            if uuid in seen:
                warn(f"left out {experiment.id}: it is a copy of {seen[uuid]}")
                continue
            seen[uuid] = experiment.id
        yield experiment


def _has_runs(path: Path) -> bool:
    try:
        return any((run / "run.json").exists() for run in run_directories(path))
    except OSError:
        return False
