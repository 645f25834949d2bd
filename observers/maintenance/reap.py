"""Marks runs as DEAD that are recorded as RUNNING but no longer run."""

from collections.abc import Callable, Iterator
from pathlib import Path

from observers.directory.metrics_file import METRICS, write_metrics
from observers.maintenance.sync import deliver
from observers.mongodb.database import Database
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun, read_run
from observers.system.files import write_json
from observers.system.full_disk import RESERVE
from observers.system.stderr import Warn


def reap(runs: Path, database: Database | None, warn: Warn) -> Iterator[str]:
    """Mark dead runs, on disk and in the database.

    Yields:
        The name of each run that was marked.

    Raises:
        ValueError: there is no such directory.
        PyMongoError: the database does not answer.
    """
    for run in read_runs(runs, warn):
        if run.status == "RUNNING" and not is_running(run.entry) and _mark_dead(run, warn):
            yield str(run.directory)
        if database is not None and database.runs.find_one({"info.uuid": run.uuid, "status": "RUNNING"}):
            deliver(run, database, warn)
    if database is None:
        return
    for document in database.runs.find({"status": "RUNNING"}, {"process": 1, "heartbeat": 1, "start_time": 1}):
        unchanged = {"_id": document["_id"], "status": "RUNNING", "heartbeat": document.get("heartbeat")}
        if (
            not is_running(document)
            and database.runs.update_one(unchanged, {"$set": {"status": "DEAD"}}).matched_count
        ):
            yield f"{document['_id']} in MongoDB"


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


def _try(item: str, function: Callable[[], object], warn: Warn) -> bool:
    """Call a function that writes an item; report an error, and return whether there was none."""
    try:
        function()
    except Exception as error:  # must not keep other runs from being marked
        warn(f"{item}: {error}")
        return False
    return True
