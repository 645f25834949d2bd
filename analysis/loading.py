"""Reads recorded runs with incense, from a directory or from MongoDB."""

from pathlib import Path

import incense
import pandas as pd
from incense.experiment import FileSystemExperiment
from incense.query_set import QuerySet
from pymongo.errors import PyMongoError

from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import read_points
from observers.mongodb.address import read_address
from observers.stored_runs.runs_directory import id_order, run_directories
from observers.system.stderr import warn

_TIMEOUT_MS = 5000
_SCHEMES = ("mongodb://", "mongodb+srv://")


def load_runs(source: str | Path) -> QuerySet:
    """Read all runs that have started, in the order of their ids.

    A run that cannot be read, because it has only started or is corrupt, is left out and reported on standard error.

    Args:
        source: a directory of runs, or a mongodb:// URL with the database.

    Returns:
        incense's experiments, with config, info, metrics and result, wherever they come from.

    Raises:
        FileNotFoundError: there is no such directory.
        ValueError: the URL is not valid.
        ConnectionError: the database does not answer.
    """
    if str(source).startswith(_SCHEMES):
        return _load_from_mongodb(str(source))
    if not Path(source).is_dir():
        raise FileNotFoundError(f"{source} is not a directory of runs")
    loaded = []
    for directory in run_directories(Path(source)):
        if not (directory / "run.json").exists():
            continue
        try:
            run = FileSystemExperiment.from_run_dir(directory)
            if (directory / JOURNAL).is_file():  # complete at any time, unlike metrics.json
                run.metrics = _read_metrics(directory)
            loaded.append(run)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            warn(f"left out {directory}: {error}")
    return QuerySet(loaded)


def _read_metrics(directory: Path) -> dict[str, pd.Series]:
    """Read the points of a run from its journal."""
    points: dict[str, tuple[list[float], list[float]]] = {}
    for name, step, value, _ in read_points(directory / JOURNAL):
        steps, values = points.setdefault(name, ([], []))
        steps.append(step)
        values.append(value)
    return {
        name: pd.Series(values, index=pd.Index(steps, name="step"), name=name)
        for name, (steps, values) in points.items()
    }


def _load_from_mongodb(url: str) -> QuerySet:
    """Read from MongoDB, without executing what a document may hold for jsonpickle."""
    address = read_address(url)
    try:
        loader = incense.ExperimentLoader(
            mongo_uri=address.url,
            db_name=address.database,
            unpickle=False,
            serverSelectionTimeoutMS=_TIMEOUT_MS,
        )
        found = loader.find({"status": {"$ne": "QUEUED"}})
        return QuerySet(sorted(found, key=lambda run: id_order(run.id)))
    except PyMongoError as error:
        raise ConnectionError(f"MongoDB does not answer ({type(error).__name__})") from None
