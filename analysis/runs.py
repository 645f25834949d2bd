"""Reads recorded runs with incense, from a directory or from MongoDB, and lays them side by side.

`python -m analysis.runs [RUNS]` prints an overview of a directory, or of the database that a mongodb:// URL names.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import incense
import pandas as pd
from incense.experiment import FileSystemExperiment
from incense.query_set import QuerySet
from pymongo.errors import PyMongoError

from observers.journal import JOURNAL, read_points

_PATIENCE_MS = 5000


def load_runs(source: str | Path) -> QuerySet:
    """Read all runs that have begun, in the order of their ids.

    Args:
        source: a directory of runs, or a mongodb:// URL with the database.

    Returns:
        incense's experiments, with config, info, metrics and result, wherever they come from. What cannot be read, a
        run that has only begun or one that was torn, is named on standard error and left out.

    Raises:
        FileNotFoundError: when there is no such directory.
        ConnectionError: when the database does not answer.
    """
    if str(source).startswith(("mongodb://", "mongodb+srv://")):
        return _load_from_mongo(str(source))
    if not Path(source).is_dir():
        raise FileNotFoundError(f"{source} is no directory of runs")
    found = []
    for directory in sorted((path.parent for path in Path(source).glob("*/run.json")), key=_by_id):
        try:
            run = FileSystemExperiment.from_run_dir(directory)
            if (directory / JOURNAL).is_file():  # complete at any time, unlike metrics.json
                run.metrics = _logged(directory)
            found.append(run)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            print(f"left out {directory}: {error}", file=sys.stderr)
    return QuerySet(found)


def _logged(directory: Path) -> dict[str, pd.Series]:
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


def _load_from_mongo(url: str) -> QuerySet:
    """Read from MongoDB, without executing what its documents might hold for jsonpickle."""
    try:
        loader = incense.ExperimentLoader(
            mongo_uri=url,
            db_name=unquote(urlsplit(url).path.strip("/")),
            unpickle=False,
            serverSelectionTimeoutMS=_PATIENCE_MS,
        )
        return QuerySet(sorted(loader.find({"status": {"$ne": "QUEUED"}}), key=lambda run: str(run.id).zfill(20)))
    except PyMongoError as error:
        raise ConnectionError(f"MongoDB does not answer ({type(error).__name__})") from None


def table(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out all there is: status, result, every config entry, and the last value of every metric.

    Returns:
        One row a run, by id; metrics have their names, such as `test/accuracy`. A run that goes on with an interrupted
        one has the directory of that for its `parent`.
    """
    rows = {
        experiment.id: {
            "status": experiment.status,
            "result": getattr(experiment, "result", None),
            "best_step": experiment.info.get("best_step"),
            "parent": experiment.info.get("parent", {}).get("directory"),
            **dict(sorted(experiment.config.items())),
            **{name: points.iloc[-1] for name, points in sorted(experiment.metrics.items())},
        }
        for experiment in experiments
    }
    if not rows:
        return pd.DataFrame(columns=["status", "result", "best_step", "parent", "task"])
    laid_out = pd.DataFrame.from_dict(rows, orient="index").rename_axis("run")
    return laid_out.astype({"best_step": "Int64", "result": float})


def overview(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out what tells runs apart: status, result, measures beyond the range, and config entries that differ.

    `parent` is there where a run has one.
    """
    experiments = list(experiments)
    everything = table(experiments)
    parents = ["parent"] if everything["parent"].notna().any() else []
    names = {name for experiment in experiments for name in experiment.config}
    differing = [name for name in everything if name in names and everything[name].astype(str).nunique() > 1]
    beyond = [name for name in everything if name.startswith("extrapolation/") and not name.endswith("/loss")]
    return everything[["status", "result", *beyond, "best_step", *differing, *parents]].fillna({"parent": ""})


def _by_id(directory: Path) -> tuple[int, str]:
    return len(directory.name), directory.name


def main() -> None:
    """Print the overview of the runs that the command line names, runs/ when it names none."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.runs",
        description="Lays recorded runs side by side. The result is measured on test words: accuracy of parity, mean "
        "absolute error of number.",
    )
    parser.add_argument(
        "runs", nargs="?", default="runs", help="a directory (runs), or a database: mongodb://HOST/NAME"
    )
    source = parser.parse_args().runs
    try:
        experiments = load_runs(source)
    except (FileNotFoundError, ConnectionError) as error:
        sys.exit(str(error))
    if not experiments:
        sys.exit(f"{source if '://' not in source else 'the database'} holds no run")
    print(overview(experiments).to_string())


if __name__ == "__main__":
    main()
