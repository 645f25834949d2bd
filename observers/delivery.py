"""Delivers a run directory into MongoDB, as often as one likes, with the same outcome.

The documents are those of Sacred's MongoObserver. What is written depends on what the directory and the database hold
at that moment and on nothing else, so that it does not matter who delivers, how often, and where the last one was
interrupted.
"""

import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bson
from bson import ObjectId
from gridfs.errors import FileExists
from pymongo.errors import DuplicateKeyError
from sacred.dependencies import get_digest
from sacred.observers import MongoObserver
from sacred.observers.mongo import force_bson_encodeable

from observers.database import Database
from observers.files import unspelled
from observers.journal import JOURNAL, Pause
from observers.series import SeriesDelivery
from observers.stored_runs import StoredRun, moment, read_run

_TAIL = 8 << 20  # bytes of the output that the document of a run holds
_LIVE_TAIL = 1 << 18  # while it goes on
_LARGEST_ITEM = 1 << 20  # bytes of any other entry of the document
_TIMES = ("start_time", "stop_time", "heartbeat", "queue_time")


class Delivery:
    """Delivers one run, now and again.

    Attributes:
        run_id: the `_id` in MongoDB, None before the first delivery.
        complete: whether all that the directory held was delivered, and the run had ended.
    """

    def __init__(self, directory: Path, database: Database, say: Callable[[str], None], pause: Pause = None) -> None:
        """Prepare to deliver; nothing is read or written yet.

        Args:
            directory: of the run.
            database: into which.
            say: is told in a line what cannot be delivered; the rest is.
            pause: called now and then, to let other threads compute.
        """
        self._pause = pause
        self.run_id: int | None = None
        self.complete = False
        self._directory = directory
        self._database = database
        self._said: set[str] = set()
        self._tell = say
        self._sources: list[list[Any]] | None = None
        self._oversize: set[str] = set()
        self._series: SeriesDelivery | None = None

    @property
    def points(self) -> int:
        """How many points were delivered."""
        return self._series.read if self._series is not None else 0

    def deliver(self) -> None:
        """Deliver what is missing.

        Raises:
            PyMongoError: when the database fails; the next call goes on.
            ValueError: when the directory holds no run that can be delivered.
        """
        run = read_run(self._directory)
        if self._series is None:
            self._series = SeriesDelivery(run.journal, self._database, self._say, self._pause)
        self.run_id = self._find_or_insert(run)
        self._series.deliver(self.run_id)
        ended = run.status != "RUNNING"
        if ended or self._sources is None:
            self._sources = self._deliver_sources(run)
        document = self._document(run)
        self._deliver_artifacts(run, ended)
        self._update(document)
        self.complete = ended

    def _find_or_insert(self, run: StoredRun) -> int:
        """Find the run by its uuid, or give it the next free id."""
        while True:
            found = self._database.runs.find_one({"info.uuid": run.uuid}, {"_id": 1})
            if found is not None:
                return int(found["_id"])
            last = self._database.runs.find_one({"_id": {"$type": "number"}}, {"_id": 1}, sort=[("_id", -1)])
            number = int(last["_id"]) + 1 if last is not None else 1
            try:
                self._database.runs.insert_one({"_id": number, "artifacts": [], **self._document(run)})
            except DuplicateKeyError:
                continue
            return number

    def _document(self, run: StoredRun) -> dict[str, Any]:
        """Make the document of a run, without its artifacts."""
        entry = {name: value for name, value in run.entry.items() if name not in ("artifacts", "artifact_details")}
        experiment = dict(entry.get("experiment") or {})
        experiment["sources"] = self._sources or []
        parts = {
            **entry,
            "format": MongoObserver.VERSION,
            "experiment": experiment,
            "config": run.config,
            "info": {**run.info, "metrics": self._series.links if self._series is not None else []},
            "result": unspelled(entry.get("result")),
            "resources": [[name, Path(copy).stem.rpartition("_")[2]] for name, copy in entry.get("resources") or []],
            **{name: moment(entry[name]) for name in _TIMES if name in entry},
        }
        document = {name: self._fitting(name, value) for name, value in parts.items()}
        if not isinstance(document["info"], dict):
            document["info"] = {"uuid": run.uuid, "metrics": parts["info"]["metrics"], "left_out": document["info"]}
        output = self._directory / "cout.txt"
        document["captured_out"] = _tail(output, _LIVE_TAIL if run.status == "RUNNING" else _TAIL)
        return document

    def _fitting(self, name: str, value: Any) -> Any:
        """Give back what BSON can encode and the document can hold."""
        try:
            value = force_bson_encodeable(value)
            size = len(bson.encode({name: value}))
        except (OverflowError, UnicodeError, bson.errors.BSONError) as error:
            self._say(f"{name} is delivered as text: {error}")
            return str(value).encode("utf-8", "backslashreplace").decode()[:_LARGEST_ITEM]
        if size <= _LARGEST_ITEM:
            return value
        self._oversize.add(f"{name}.json" if name in ("info", "config") else "run.json")
        return f"{size} bytes, among the artifacts"

    def _update(self, document: dict[str, Any]) -> None:
        """Write the document, unless somebody has written a later state of the run."""
        status, heartbeat = document["status"], document.get("heartbeat")
        order = "$lt" if status == "RUNNING" else "$lte"
        earlier = [{"heartbeat": None}, {"heartbeat": {order: heartbeat}}] if heartbeat else [{}]
        same = {"_id": self.run_id, "$or": [*earlier, {"status": status, "heartbeat": heartbeat}]}
        self._database.runs.update_one(same, {"$set": document})

    def _deliver_sources(self, run: StoredRun) -> list[list[Any]]:
        """Store each source once, for all runs that have the same."""
        delivered = []
        for name, copy in (run.entry.get("experiment") or {}).get("sources", []):
            try:
                delivered.append([name, self._source(name, self._directory.parent / copy)])
            except OSError as error:
                self._say(f"source {name}: {error.strerror}")
        return delivered

    def _source(self, name: str, path: Path) -> ObjectId:
        identity = {"filename": name, "metadata.source_md5": get_digest(str(path))}
        while True:
            found = self._database.file_documents.find_one(identity, {"_id": 1})
            if found is not None:
                return found["_id"]
            try:
                with path.open("rb") as file:
                    return self._database.files.put(
                        file, filename=name, metadata={"source_md5": identity["metadata.source_md5"]}
                    )
            except (FileExists, DuplicateKeyError):
                continue

    def _deliver_artifacts(self, run: StoredRun, ended: bool) -> None:
        """Store the artifacts, and when the run has ended whole files of which the documents hold only a part."""
        names = [name for name in run.entry.get("artifacts") or [] if isinstance(name, str)]
        if ended:
            output = self._directory / "cout.txt"
            names += sorted(self._oversize)
            names += [JOURNAL] if self._series is not None and self._series.thinned else []
            names += ["cout.txt"] if output.is_file() and output.stat().st_size > _TAIL else []
        if not names:
            return
        known = self._database.runs.find_one({"_id": self.run_id}, {"artifacts": 1}) or {}
        there = {artifact["name"] for artifact in known.get("artifacts", [])}
        details = run.entry.get("artifact_details") or {}
        for name in names:
            if name not in there:
                try:
                    self._deliver_artifact(name, details.get(name) or {})
                except (OSError, bson.errors.BSONError, OverflowError, UnicodeError) as error:
                    self._say(f"artifact {name}: {error}")

    def _deliver_artifact(self, name: str, details: dict[str, Any]) -> None:
        filename = f"artifact://runs/{self.run_id}/{name}"
        content_type = details.get("content_type") or mimetypes.guess_type(name)[0]
        with (self._directory / name).open("rb") as file:
            file_id = self._database.files.put(
                file, filename=filename, metadata=details.get("metadata"), contentType=content_type
            )
        pushed = self._database.runs.update_one(
            {"_id": self.run_id, "artifacts.name": {"$ne": name}},
            {"$push": {"artifacts": {"name": name, "file_id": file_id}}},
        )
        if pushed.matched_count == 0:
            self._database.files.delete(file_id)

    def _say(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self._tell(f"{self._directory}: {message}")


def _tail(path: Path, most: int) -> str:
    """Read the end of a file; what comes before it is replaced by a line that says so."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return text if size <= most else f"... {size - most} bytes before this\n{text.lstrip(chr(0xFFFD))}"
