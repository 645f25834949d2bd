"""Lists recorded runs, and how much of each is in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from observers.directory.journal import JOURNAL
from observers.directory.metrics_file import METRICS
from observers.mongodb.database import Database
from observers.mongodb.fingerprint import fingerprint_of
from observers.mongodb.holdings import Holding, survey
from observers.stored_runs.liveness import status_now
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.selection import fulfilling
from observers.stored_runs.stored_run import StoredRun
from observers.system.shell import typed_path, typed_program
from observers.system.stderr import Warn
from observers.system.untrusted.json_files import garbage_collection_paused
from observers.system.untrusted.opening import data_parts, open_inside

_LONGEST_RESULT = 20  # characters
_MOST_NAMED = 5  # dead runs


@dataclass(frozen=True)
class ListedRun:
    """A line of the list.

    Attributes:
        run: on disk.
        status: of the run; DEAD if it was recorded as RUNNING and no longer runs.
        points: the number of points logged.
        in_mongodb: the `_id` there, and how much of the run is there; `no`, or None without a database.
    """

    run: StoredRun
    status: str
    points: int
    in_mongodb: str | None


def list_runs(
    runs: Path, database: Database | None, warn: Warn, remark: Warn | None = None, *, conditions: str | None = None
) -> Iterator[ListedRun]:
    """List the runs of a directory, or those for which all conditions hold; for warn and remark see read_runs.

    Raises:
        ValueError: there is no such directory, or the conditions hold for no run.
        PyMongoError: the database does not answer.
    """
    with garbage_collection_paused():
        stored = list(read_runs(runs, warn, remark))
        if conditions is not None:
            stored = fulfilling(stored, conditions, runs)
    holdings = survey(database, {run.uuid for run in stored}) if database is not None else {}
    for run in stored:
        in_mongodb = _in_mongodb(run, holdings.get(run.uuid)) if database is not None else None
        status = str(status_now(run.entry, directory=run.directory))
        yield ListedRun(run, status, _count_lines(run.directory), in_mongodb)


def dead_line(listed: Sequence[ListedRun], how: str = "", option: str = "") -> str | None:
    """Say which runs are recorded as RUNNING and no longer run, and how to record that; None if there are none.

    Args:
        listed: the runs.
        how: what to do before the command, see observers.mongodb.live.naming_of.
        option: of the command, which names a database.
    """
    dead = [line.run.directory for line in listed if line.status == "DEAD" and line.run.status != "DEAD"]
    if not dead:
        return None
    names = [str(directory) for directory in dead[:_MOST_NAMED]]
    further = len(dead) - len(names)
    verb = "runs" if len(dead) == 1 else "run"
    return (
        f"{', '.join(names)}{f' and {further} more' if further else ''} no longer {verb}; "
        f"{how}to record that: {_reap(dead[0].parent)}{option}"
    )


def unrecorded_lines(listed: Iterable[ListedRun]) -> Iterator[str]:
    """Say for each run what could not be recorded of it when it ended."""
    for line in listed:
        unrecorded = line.run.entry.get("unrecorded")
        if isinstance(unrecorded, dict) and unrecorded:
            reasons = "; ".join(str(reason) for reason in unrecorded.values())
            advice = f"; to write {METRICS} again: {_reap(line.run.directory.parent)}" if METRICS in unrecorded else ""
            yield f"{line.run.directory}: not recorded: {reasons}{advice}"


def format_table(listed: Iterable[ListedRun]) -> str:
    """Lay out a list of runs as a table, a line a run; tags and MongoDB have a column if there is anything in it."""
    lines = list(listed)
    columns = {
        "run": [line.run.directory.name for line in lines],
        "status": [line.status for line in lines],
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


def _reap(runs: Path) -> str:
    """Return the command that reaps the runs of a directory, as the user types it."""
    place = "" if str(runs) == "runs" else f" {typed_path(runs)}"
    return f"{typed_program()} -m observers reap{place}"


def _in_mongodb(run: StoredRun, holding: Holding | None) -> str:
    """Say how much of a run is in MongoDB: all of it, if a delivery has seen it there and nothing was lost since."""
    if holding is None:
        return "no"
    if holding.missing:
        further = f" and {len(holding.missing) - 1} more" if len(holding.missing) > 1 else ""
        return f"{holding.run_id}: lost {holding.missing[0]}{further}"
    is_all = holding.status == run.status != "RUNNING" and holding.is_whole(fingerprint_of(run))
    return f"{holding.run_id}: {'all' if is_all else f'{holding.points} points'}"


def _result(run: StoredRun) -> str:
    result = run.entry.get("result")
    if isinstance(result, float):
        return f"{result:.6g}"
    return "" if result is None else str(result)[:_LONGEST_RESULT]


def _count_lines(directory: Path) -> int:
    try:
        with open_inside(directory, JOURNAL) as file:
            return sum(part.count(b"\n") for part in data_parts(file))
    except OSError:
        return 0
