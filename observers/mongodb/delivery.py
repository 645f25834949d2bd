"""Delivers a run directory into MongoDB, any number of times, with the same outcome.

A delivery depends only on what the directory and the database hold at that moment. So it does not matter which process
delivers, how often, and where the previous delivery was interrupted.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pymongo.errors import DuplicateKeyError

from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import Yield
from observers.directory.recording import OUTPUT
from observers.mongodb.database import Database
from observers.mongodb.gridfs_files import deliver_artifacts, deliver_sources
from observers.mongodb.metric_documents import MetricDelivery
from observers.mongodb.notes_delivery import deliver_notes
from observers.mongodb.run_document import LARGEST_OUTPUT, RunDocument, make_document
from observers.stored_runs.stored_run import StoredRun, read_run
from observers.system.stderr import Warn


class Delivery:
    """Delivers one run, once or repeatedly.

    Attributes:
        run_id: the `_id` in MongoDB, None before the first delivery.
        complete: whether the run has ended and everything in the directory was delivered.
    """

    def __init__(self, directory: Path, database: Database, warn: Warn, yield_now: Yield = None) -> None:
        """Prepare to deliver; nothing is read or written yet.

        Args:
            directory: of the run.
            database: to deliver into.
            warn: called once with each item that cannot be delivered.
            yield_now: see journal_reader.
        """
        self.run_id: int | None = None
        self.complete = False
        self._directory = directory
        self._database = database
        self._report = warn
        self._warnings: set[str] = set()
        self._sources: list[list[Any]] | None = None
        self._oversize: frozenset[str] = frozenset()
        self._metrics = MetricDelivery(directory / JOURNAL, database, self._warn, yield_now)

    @property
    def points(self) -> int:
        """The number of points delivered."""
        return self._metrics.points

    def deliver(self) -> None:
        """Deliver what the database lacks.

        Raises:
            PyMongoError: the database failed; the next call continues.
            ValueError: the directory holds no run that can be delivered.
        """
        run = read_run(self._directory)
        self.run_id = self._find_or_insert(run)
        self._metrics.deliver(self.run_id)
        ended = run.status != "RUNNING"
        if ended or self._sources is None:
            self._sources = deliver_sources(run, self._database, self._warn)
        document = self._document(run)
        artifacts = [*_artifacts(run), *(self._whole_files() if ended else [])]
        deliver_artifacts(run, self.run_id, artifacts, self._database, self._warn)
        self._update(document.content)
        self._deliver_notes(self.run_id)
        self.complete = ended

    def _find_or_insert(self, run: StoredRun) -> int:
        """Find the run by its uuid, or insert it with the next free id."""
        while True:
            found = self._database.runs.find_one({"info.uuid": run.uuid}, {"_id": 1})
            if found is not None:
                return int(found["_id"])
            last = self._database.runs.find_one({"_id": {"$type": "number"}}, {"_id": 1}, sort=[("_id", -1)])
            number = int(last["_id"]) + 1 if last is not None else 1
            try:
                self._database.runs.insert_one({"_id": number, "artifacts": [], **self._document(run).content})
            except DuplicateKeyError:
                continue
            return number

    def _document(self, run: StoredRun) -> RunDocument:
        document = make_document(run, self._sources or [], self._metrics.links, self._warn)
        self._oversize |= document.oversize
        return document

    def _update(self, document: Mapping[str, Any]) -> None:
        """Write the document, unless the database holds a later state of the run."""
        status, heartbeat = document["status"], document.get("heartbeat")
        order = "$lt" if status == "RUNNING" else "$lte"
        earlier = [{"heartbeat": None}, {"heartbeat": {order: heartbeat}}] if heartbeat else [{}]
        same = {"_id": self.run_id, "$or": [*earlier, {"status": status, "heartbeat": heartbeat}]}
        self._database.runs.update_one(same, {"$set": document})

    def _deliver_notes(self, run_id: int) -> None:
        try:
            deliver_notes(self._directory, run_id, self._database)
        except (OSError, ValueError) as error:
            self._warn(f"tags and notes: {error}")

    def _whole_files(self) -> Iterator[str]:
        """List the files of which the documents hold only a part."""
        yield from sorted(self._oversize)
        if self._metrics.is_thinned:
            yield JOURNAL
        output = self._directory / OUTPUT
        if output.is_file() and output.stat().st_size > LARGEST_OUTPUT:
            yield OUTPUT

    def _warn(self, message: str) -> None:
        if message not in self._warnings:
            self._warnings.add(message)
            self._report(f"{self._directory}: {message}")


def _artifacts(run: StoredRun) -> list[str]:
    return [name for name in run.entry.get("artifacts") or [] if isinstance(name, str)]
