"""Marks runs as DEAD that are recorded as RUNNING but no longer run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from observers.directory.metrics_file import METRICS, write_metrics
from observers.directory.start.new_directory import remove_leftovers
from observers.errors import line_of_error
from observers.maintenance.sync import deliver
from observers.mongodb.database import Database, uuid_in
from observers.stored_runs.liveness import is_running, read_time, seems_running
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun, read_again, read_run
from observers.system.files import write_json
from observers.system.retry import RESERVE
from observers.system.stderr import Warn


def reap(runs: Path, database: Database | None, warn: Warn, remark: Warn | None = None) -> Iterator[str]:
    """Mark dead runs, on disk and in the database, and write metrics.json where a run that ended could not.

    What killed starts left more than a day ago is removed. For warn and remark see read_runs.

    Yields:
        A line for each run that was marked or mended.

    Raises:
        ValueError: there is no such directory.
        PyMongoError: the database does not answer.
    """
    remove_leftovers(runs)
    running_there = _running_documents(database) if database is not None else {}
    for found in read_runs(runs, warn, remark):
        run, is_dead = found, _is_dead(found)
        if is_dead:  # it may have ended since it was read
            run = read_again(found) or found
            is_dead = _is_dead(run)
        if is_dead:
            ended = _end_in_mongodb(run, database) if database is not None else None
            if ended is not None:
                warn(f"{run.directory}: MongoDB keeps how it ended, {ended}; restore writes it back")
            elif _mark_dead(run, warn):
                yield f"{run.directory} is DEAD"
        elif run.status != "RUNNING" and _mend_metrics(run, warn):
            yield f"{run.directory}: {METRICS} is written again"
        if database is not None and run.uuid in running_there:
            deliver(run, database, warn)
    if database is not None:
        yield from _reap_documents(database)


def _is_dead(run: StoredRun) -> bool:
    return run.status == "RUNNING" and not is_running(run.entry, directory=run.directory)


def _reap_documents(database: Database) -> Iterator[str]:
    """Mark runs in the database that are dead there, wherever they were recorded."""
    now = database.now()
    for document in _running_documents(database).values():
        unchanged = {"_id": document["_id"], "status": "RUNNING", "heartbeat": document.get("heartbeat")}
        if (
            not seems_running(document.get("process"), _silence(document, now))
            and database.runs.update_one(unchanged, {"$set": {"status": "DEAD"}}).matched_count
        ):
            yield f"{document['_id']} in MongoDB is DEAD"


def _running_documents(database: Database) -> dict[Any, Mapping[str, Any]]:
    """Return what tells whether the runs with status RUNNING are alive, by uuid, or by `_id` where there is none."""
    fields = dict.fromkeys(("info.uuid", "process", "heartbeat", "start_time", "seen"), 1)
    found = database.runs.find({"status": "RUNNING"}, fields)
    return {uuid_in(document) or str(document["_id"]): document for document in found}


def _end_in_mongodb(run: StoredRun, database: Database) -> str | None:
    """Return the status of a run in MongoDB if it has ended: its run.json is of an earlier moment then."""
    found = database.runs.find_one({"info.uuid": run.uuid}, {"status": 1}) or {}
    status = found.get("status")
    return status if isinstance(status, str) and status not in ("RUNNING", "DEAD") else None


def _silence(document: Mapping[str, Any], now: datetime) -> timedelta | None:
    """Return how long a run has been silent, by the clock of the server if a delivery noted its last heartbeat."""
    last = next(filter(None, (read_time(document.get(name)) for name in ("seen", "heartbeat", "start_time"))), None)
    return now - last if last is not None else None


def _mark_dead(run: StoredRun, warn: Warn) -> bool:
    """Write the status DEAD and metrics.json, which a killed run could not; return whether the status is written."""

    def warn_of(problem: str) -> None:
        warn(f"{run.directory}: {problem}")

    if run.journal.is_file():
        _try(METRICS, lambda: write_metrics(run.journal, run.directory / METRICS, warn_of), warn_of)
    try:
        if read_run(run.directory).entry != run.entry:  # the run was alive after all
            return False
    except (OSError, ValueError) as error:
        warn_of(str(error))
        return False
    _try(RESERVE, lambda: (run.directory / RESERVE).unlink(missing_ok=True), warn_of)
    dead = {**run.entry, "status": "DEAD"}
    return _try("run.json", lambda: write_json(run.directory / "run.json", dead), warn_of)


def _mend_metrics(run: StoredRun, warn: Warn) -> bool:
    """Write metrics.json from the journal if the run could not, on a full disk; return whether it is written."""
    unrecorded = run.entry.get("unrecorded")
    if not isinstance(unrecorded, dict) or METRICS not in unrecorded or not run.journal.is_file():
        return False

    def write() -> None:
        write_metrics(run.journal, run.directory / METRICS, warn_of)
        rest = {item: reason for item, reason in unrecorded.items() if item != METRICS}
        entry = {name: value for name, value in run.entry.items() if name != "unrecorded"}
        write_json(run.directory / "run.json", {**entry, **({"unrecorded": rest} if rest else {})})

    def warn_of(problem: str) -> None:
        warn(f"{run.directory}: {problem}")

    return _try(METRICS, write, warn_of)


def _try(item: str, function: Callable[[], object], warn: Warn) -> bool:
    """Call a function that writes an item; report an error, and return whether there was none."""
    try:
        function()
    except Exception as error:  # must not keep other runs from being marked
        warn(f"{item}: {line_of_error(error)}")
        return False
    return True
