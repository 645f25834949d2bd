"""Delivers a run directory into MongoDB, any number of times, with the same outcome.

A delivery depends only on what the directory and the database hold at that moment. So it does not matter which process
delivers, how often, and where the previous delivery was interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import Yield
from observers.directory.recording import OUTPUT
from observers.errors import line_of_error
from observers.mongodb.database import Database
from observers.mongodb.documents.bson_values import to_bson
from observers.mongodb.documents.file_contents import find_damaged
from observers.mongodb.documents.gridfs_files import artifacts_of, deliver_artifacts, deliver_sources
from observers.mongodb.documents.metric_delivery import MetricDelivery
from observers.mongodb.documents.notes_delivery import deliver_notes
from observers.mongodb.documents.preservation import FIELDS, differing_entries, keep_more
from observers.mongodb.documents.run_document import LARGEST_OUTPUT, RunDocument, make_document
from observers.mongodb.documents.stored_document import VanishedError, find_or_insert, update
from observers.mongodb.fingerprint import fingerprint_of
from observers.mongodb.holdings import Holding, metric_links, survey
from observers.stored_runs.stored_run import StoredRun, read_run
from observers.system.stderr import Warn
from observers.system.untrusted.opening import size_inside

_MAYBE_ARTIFACTS = ("info.json", "config.json", "run.json", JOURNAL, OUTPUT)  # if they are too large for documents


class Delivery:
    """Delivers one run, once or repeatedly.

    Attributes:
        run_id: the `_id` in MongoDB, None before the first delivery.
        complete: whether the run has ended, and the database was seen to hold everything in the directory.
        missing: the names of what the database does not hold after the last delivery of an ended run.
        repaired: the names of what was delivered before, and was lost or damaged in the database.
    """

    def __init__(self, directory: Path, database: Database, warn: Warn, yield_now: Yield = None) -> None:
        """Prepare to deliver; nothing is read or written yet.

        Args:
            directory: of the run.
            database: to deliver into.
            warn: called once with each item that cannot be delivered, or is damaged.
            yield_now: see journal_reader.
        """
        self.run_id: Any = None
        self.complete = False
        self.missing: list[str] = []
        self.repaired: list[str] = []
        self._directory = directory
        self._database = database
        self._report = warn
        self._warnings: set[str] = set()
        self._is_troubled = False
        self._sources: list[list[Any]] | None = None
        self._oversize: frozenset[str] = frozenset()
        self._metrics = MetricDelivery(directory / JOURNAL, database, self._warn, yield_now)

    @property
    def points(self) -> int:
        """The number of points delivered."""
        return self._metrics.points

    def deliver(self, *, compare_contents: bool = False) -> None:
        """Deliver what the database lacks, and replace what it has lost.

        Args:
            compare_contents: of metrics and files with those on disk, and not only whether they are there.

        Raises:
            PyMongoError: the database failed; the next call continues.
            ValueError: the directory holds no run that can be delivered.
        """
        self._is_troubled = False
        run = read_run(self._directory)
        ended = run.status != "RUNNING"
        fingerprint = fingerprint_of(run)
        before = survey(self._database, [run.uuid]).get(run.uuid) if ended or self.run_id is None else None
        self.run_id = find_or_insert(run.uuid, lambda: self._document(run).content, self._database)
        damaged = self._deliver_metrics(run, before, compare_contents)
        lost = self._lost_files(run, before, compare_contents)
        stored = self._read_stored(everything=compare_contents)
        if ended or self._sources is None:
            known = stored.get("experiment", {}).get("sources")
            self._sources = deliver_sources(run, known, lost, self._database, self._warn)
        document = self._document(run)
        artifacts = [*artifacts_of(run), *(self._whole_files() if ended else [])]
        deliver_artifacts(run, self.run_id, artifacts, lost, self._database, self._warn)
        content = keep_more(document.content, stored, run, self._warn)
        if before is not None and before.is_of(fingerprint):
            metrics = (f"metric {name}" for name in sorted(damaged))
            self.repaired += [*metrics, *lost, *differing_entries(stored, content)]
        if not update(self.run_id, content, self._database):
            self._warn_of_older(run, stored)
        self._deliver_notes(self.run_id)
        if ended:
            self._check(run, fingerprint)

    def _deliver_metrics(self, run: StoredRun, before: Holding | None, compare_contents: bool) -> set[str]:
        """Deliver the points, and return the names of the metrics that were damaged in the database."""
        damaged: set[str] = set()
        if before is not None:
            self._metrics.adopt(self.run_id, run.uuid, metric_links(before.document))
            damaged |= before.broken_metrics
            if compare_contents:
                damaged |= self._metrics.differing(self.run_id, run.uuid)
            if damaged:
                self._metrics.discard(self.run_id, run.uuid, damaged)
        self._metrics.deliver(self.run_id, run.uuid)
        self._metrics.warn_of_lost_points()
        return damaged

    def _lost_files(self, run: StoredRun, before: Holding | None, compare_contents: bool) -> Mapping[str, Any]:
        """Return the names and ids of the files that the database has lost, or that differ from those on disk."""
        if before is None:
            return {}
        if not compare_contents:
            return before.lost_files
        whole = {name: file_id for name, file_id in before.files.items() if name not in before.lost_files}
        damaged = find_damaged(run, whole, self._database, self._warn, further=_MAYBE_ARTIFACTS)
        return {**before.lost_files, **damaged}

    def _read_stored(self, *, everything: bool) -> dict[str, Any]:
        """Read what the run document has, to keep it where the directory has lost it."""
        wanted = None if everything else dict.fromkeys((*FIELDS, "experiment"), 1)
        stored = self._database.runs.find_one({"_id": self.run_id}, wanted)
        if stored is None:
            raise VanishedError("the run was deleted")
        return {**stored, "experiment": stored["experiment"] if isinstance(stored.get("experiment"), dict) else {}}

    def _check(self, run: StoredRun, fingerprint: str) -> None:
        """Look at what the database holds now; if it is all, note that in the run document."""
        holding = survey(self._database, [run.uuid]).get(run.uuid)
        if holding is None:
            raise VanishedError("the run was deleted")
        files = holding.files
        self.missing = [
            *holding.missing,
            *(f"artifact {name}" for name in artifacts_of(run) if f"artifact {to_bson(name)}" not in files),
        ]
        if holding.points < self._metrics.points:
            self.missing.append(f"{self._metrics.points - holding.points} points")
        if self.missing:
            return
        if not (self._is_troubled or self._metrics.is_damaged or holding.is_whole(fingerprint)):
            record = {"fingerprint": fingerprint, "points": holding.points}
            same = {"_id": self.run_id, "info.uuid": run.uuid, "status": run.status}
            if self._database.runs.update_one(same, {"$set": {"delivered": record}}).matched_count == 0:
                self.missing = ["the end of the run"]
        self.complete = not self.missing

    def _warn_of_older(self, run: StoredRun, stored: Mapping[str, Any]) -> None:
        """Report a run.json of an earlier moment, unless the run is just ending."""
        status = stored.get("status")
        if status not in ("RUNNING", run.status) and read_run(self._directory).status == run.status:
            self._warn(f"run.json says {run.status}, and is older than what MongoDB keeps: {status}")

    def _document(self, run: StoredRun) -> RunDocument:
        document = make_document(run, self._sources or [], self._metrics.links, self._warn)
        self._oversize |= document.oversize
        return document

    def _deliver_notes(self, run_id: Any) -> None:
        try:
            deliver_notes(self._directory, run_id, self._database)
        except (OSError, ValueError) as error:
            self._warn(f"tags and notes: {line_of_error(error)}")

    def _whole_files(self) -> Iterator[str]:
        """List the files of which the documents hold only a part."""
        yield from sorted(self._oversize)
        if self._metrics.is_thinned:
            yield JOURNAL
        if (size_inside(self._directory, OUTPUT) or 0) > LARGEST_OUTPUT:
            yield OUTPUT

    def _warn(self, message: str) -> None:
        self._is_troubled = True
        if message not in self._warnings:
            self._warnings.add(message)
            self._report(f"{self._directory}: {message}")
