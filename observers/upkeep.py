"""What can be done with recorded runs: deliver, list, declare dead, delete."""

import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.errors import ConnectionFailure, PyMongoError

from observers.attempts import RESERVE
from observers.database import Database, described
from observers.delivery import Delivery
from observers.files import attempt, write_json
from observers.metrics_file import write_metrics
from observers.stored_runs import StoredRun, lives, read_run, read_runs

Say = Callable[[str], None]


@dataclass(frozen=True)
class Listed:
    """A line of the list of runs.

    Attributes:
        run: on disk.
        points: logged.
        run_id: the `_id` in MongoDB, None where it is not there.
        delivered: how many of the points are there.
        complete: whether MongoDB knows the status that the run has on disk, and all its points.
    """

    run: StoredRun
    points: int
    run_id: int | None
    delivered: int
    complete: bool


def sync(runs: Path, database: Database, say: Say) -> Iterator[tuple[StoredRun, Delivery]]:
    """Deliver all runs of a directory, each as what it is; what cannot be is said, and the others are delivered.

    Yields:
        Each run that was delivered.

    Raises:
        PyMongoError: when the database does not answer.
    """
    database.make_indexes(say)
    for run in read_runs(runs, say):
        delivery = _deliver(run, database, say)
        if delivery is not None:
            yield run, delivery


def _deliver(run: StoredRun, database: Database, say: Say) -> Delivery | None:
    """Deliver a run; what keeps this one alone from it is said."""
    delivery = Delivery(run.directory, database, say)
    try:
        delivery.deliver()
    except ConnectionFailure:
        raise
    except PyMongoError as error:
        say(f"skipped {run.directory}: MongoDB does not take it ({described(error)})")
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        say(f"skipped {run.directory}: {error}")
        return None
    return delivery


def list_runs(runs: Path, database: Database | None, say: Say) -> Iterator[Listed]:
    """List the runs of a directory, and what of them is in the database."""
    for run in read_runs(runs, say):
        points = _count_lines(run.journal)
        found = database.runs.find_one({"info.uuid": run.uuid}, {"status": 1}) if database is not None else None
        if database is None or found is None:
            yield Listed(run, points, None, 0, False)
            continue
        metrics = database.metrics.find({"run_id": found["_id"]}, {"points": 1})
        delivered = sum(metric["points"] for metric in metrics)
        yield Listed(run, points, found["_id"], delivered, (delivered, found["status"]) == (points, run.status))


def reap(runs: Path, database: Database | None, say: Say) -> Iterator[str]:
    """Declare DEAD what says RUNNING and is not, on disk and in the database.

    Yields:
        What was declared dead.
    """
    for run in read_runs(runs, say):
        if run.status == "RUNNING" and not lives(run.entry) and _bury(run, say):
            yield str(run.directory)
        if database is not None and database.runs.find_one({"info.uuid": run.uuid, "status": "RUNNING"}):
            _deliver(run, database, say)
    if database is None:
        return
    for document in database.runs.find({"status": "RUNNING"}, {"process": 1, "heartbeat": 1, "start_time": 1}):
        as_read = {"_id": document["_id"], "status": "RUNNING", "heartbeat": document.get("heartbeat")}
        if not lives(document) and database.runs.update_one(as_read, {"$set": {"status": "DEAD"}}).matched_count:
            yield f"{document['_id']} in MongoDB"


def _bury(run: StoredRun, say: Say) -> bool:
    """Write that a run is dead, and the metrics.json that it could not write; tell whether that went well."""

    def tell(trouble: str) -> None:
        say(f"{run.directory}: {trouble}")

    def write_status() -> None:
        write_json(run.directory / "run.json", {**run.entry, "status": "DEAD"})

    if run.journal.is_file():
        attempt("metrics.json", lambda: write_metrics(run.journal, run.directory / "metrics.json", tell), tell)
    try:
        if read_run(run.directory).entry != run.entry:  # it has lived after all
            return False
    except (OSError, ValueError) as error:
        tell(str(error))
        return False
    attempt(RESERVE, lambda: (run.directory / RESERVE).unlink(missing_ok=True), tell)
    return attempt("run.json", write_status, tell)


class Removal:
    """Removes runs, on disk and in a database, with all that is theirs alone."""

    def __init__(self, directories: Iterable[Path], database: Database | None) -> None:
        """Find what is to be removed; nothing is yet.

        Raises:
            ValueError: when one of the runs still goes on.
            PyMongoError: when the database does not answer.
        """
        self._database = database
        self._runs = [(directory, _read_if_possible(directory)) for directory in directories]
        for directory, run in self._runs:
            if run is not None and run.status == "RUNNING" and lives(run.entry):
                raise ValueError(f"{directory} still runs: end it first")
        uuids = [run.uuid for _, run in self._runs if run is not None]
        self._documents = list(database.runs.find({"info.uuid": {"$in": uuids}})) if database is not None else []

    def plan(self) -> Iterator[str]:
        """Say what will be removed, a line each."""
        documents = {document["info"]["uuid"]: document for document in self._documents}
        for directory, run in self._runs:
            status = run.status if run is not None else "damaged"
            files = sum(path.is_file() for path in directory.rglob("*"))
            document = documents.get(run.uuid) if run is not None else None
            line = f"{directory} ({status}): {files} files"
            if document is not None:
                line += f"; as {document['_id']} in MongoDB with metrics and {len(document['artifacts'])} artifact(s)"
            yield line
        if self._database is None:
            yield "nothing in MongoDB, which was not named"
        if self._documents and self._database is not None:
            yield f"{len(self._unused_files())} sources in MongoDB that no other run has"

    def carry_out(self) -> None:
        """Remove: from the database, then from the disk; a second call goes on after one that was interrupted."""
        if self._database is not None:
            unused = self._unused_files()
            for document in self._documents:
                self._database.metrics.delete_many({"run_id": document["_id"]})
                for artifact in document.get("artifacts", []):
                    self._database.files.delete(artifact["file_id"])
            for file_id in unused:
                self._database.files.delete(file_id)
            for document in self._documents:
                self._database.runs.delete_one({"_id": document["_id"]})
        for directory, run in self._runs:
            copies = _copies(run)
            gone = directory.with_name(f".deleted-{directory.name}-{uuid.uuid4().hex[:8]}")
            directory.rename(gone)
            shutil.rmtree(gone)
            _remove_unused(directory.parent, copies)

    def _unused_files(self) -> list[Any]:
        """The sources that only runs to be removed have."""
        if self._database is None:
            return []
        sources = {source[1] for document in self._documents for source in _sources(document)}
        going = [document["_id"] for document in self._documents]
        others = self._database.runs.find({"_id": {"$nin": going}}, {"experiment.sources": 1})
        return sorted(sources - {source[1] for document in others for source in _sources(document)})


def _read_if_possible(directory: Path) -> StoredRun | None:
    try:
        return read_run(directory)
    except (ValueError, OSError):
        return None


def _sources(entry: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    sources: Sequence[Sequence[Any]] = (entry.get("experiment") or {}).get("sources", [])
    return sources


def _copies(run: StoredRun | None) -> set[str]:
    return {str(copy) for _, copy in _sources(run.entry)} if run is not None else set()


def _remove_unused(runs: Path, copies: set[str]) -> None:
    """Remove copies of sources that no run has any more; where a run cannot be read, none."""
    skipped: list[str] = []
    used = set().union(*(_copies(run) for run in read_runs(runs, skipped.append)))
    if not skipped:
        for copy in copies - used:
            (runs / copy).unlink(missing_ok=True)


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 0


def told(error: Exception) -> str:
    """Say in a line what kept a command from being done."""
    return f"MongoDB does not answer ({described(error)})" if isinstance(error, PyMongoError) else str(error)
