"""Reads recorded runs with incense, and lays them side by side in a table.

`python -m analysis.runs [RUNS]` prints the table of a directory of runs.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from incense.experiment import FileSystemExperiment
from incense.query_set import QuerySet


def load_runs(runs: Path) -> QuerySet:
    """Read all runs of a directory, in the order of their ids.

    What cannot be read, a run that has only begun or one that was torn, is named on standard error and left out.

    Raises:
        FileNotFoundError: when there is no such directory.
    """
    if not runs.is_dir():
        raise FileNotFoundError(f"{runs} is no directory of runs")
    found = []
    for directory in sorted((path.parent for path in runs.glob("*/run.json")), key=_by_id):
        try:
            found.append(FileSystemExperiment.from_run_dir(directory))
        except (OSError, ValueError, KeyError) as error:
            print(f"left out {directory}: {error}", file=sys.stderr)
    return QuerySet(found)


def table(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay runs side by side: status, result, best step, and each config entry in which they differ.

    Args:
        experiments: incense's, from a directory or from MongoDB.

    Returns:
        One row a run, by id.
    """
    experiments = list(experiments)
    configs = pd.DataFrame(
        [dict(experiment.config) for experiment in experiments], index=[experiment.id for experiment in experiments]
    )
    differing = [name for name in configs if configs[name].astype(str).nunique() > 1]
    outcome = pd.DataFrame(
        {
            "status": [experiment.status for experiment in experiments],
            "result": [getattr(experiment, "result", None) for experiment in experiments],
            "best_step": [experiment.info.get("best_step") for experiment in experiments],
        },
        index=configs.index,
    )
    return outcome.join(configs[differing]).rename_axis("run")


def _by_id(directory: Path) -> tuple[int, str]:
    return len(directory.name), directory.name


def main() -> None:
    """Print the table of the directory that the command line names, runs/ when it names none."""
    runs = Path(sys.argv[1] if len(sys.argv) > 1 else "runs")
    try:
        experiments = load_runs(runs)
    except FileNotFoundError as error:
        sys.exit(str(error))
    if not experiments:
        sys.exit(f"{runs} holds no run")
    print(table(experiments).to_string())


if __name__ == "__main__":
    main()
