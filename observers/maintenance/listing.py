"""Lists recorded runs, and how much of each is in MongoDB."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from observers.mongodb.database import Database
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun
from observers.system.stderr import Warn

_LONGEST_RESULT = 20  # characters


@dataclass(frozen=True)
class ListedRun:
    """A line of the list.

    Attributes:
        run: on disk.
        points: the number of points logged.
        in_mongodb: the `_id` there, and how much of the run is there; `no`, or None without a database.
    """

    run: StoredRun
    points: int
    in_mongodb: str | None


def list_runs(runs: Path, database: Database | None, warn: Warn) -> Iterator[ListedRun]:
    """List the runs of a directory.

    Raises:
        ValueError: there is no such directory.
        PyMongoError: the database does not answer.
    """
    for run in read_runs(runs, warn):
        points = _count_lines(run.journal)
        yield ListedRun(run, points, _in_mongodb(run, points, database) if database is not None else None)


def format_table(listed: Iterable[ListedRun]) -> str:
    """Lay out a list of runs as a table, a line a run; tags and MongoDB have a column if there is anything in it."""
    lines = list(listed)
    columns = {
        "run": [line.run.directory.name for line in lines],
        "status": [line.run.status for line in lines],
        "result": [_result(line.run) for line in lines],
        "points": [str(line.points) for line in lines],
        "tags": [", ".join(line.run.notes.tags) for line in lines],
        "in MongoDB": [line.in_mongodb or "" for line in lines],
    }
    for name in ("tags", "in MongoDB"):
        if not any(columns[name]):
            del columns[name]
    table = tabulate(columns, headers="keys", tablefmt="plain", disable_numparse=True)
    return "\n".join(line.rstrip() for line in table.splitlines())


def _in_mongodb(run: StoredRun, points: int, database: Database) -> str:
    found = database.runs.find_one({"info.uuid": run.uuid}, {"status": 1})
    if found is None:
        return "no"
    metrics = database.metrics.find({"run_id": found["_id"]}, {"points": 1})
    delivered = sum(metric["points"] for metric in metrics)
    is_complete = (delivered, found["status"]) == (points, run.status)
    return f"{found['_id']}: {'all' if is_complete else f'{delivered} points'}"


def _result(run: StoredRun) -> str:
    result = run.entry.get("result")
    if isinstance(result, float):
        return f"{result:.6g}"
    return "" if result is None else str(result)[:_LONGEST_RESULT]


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 0
