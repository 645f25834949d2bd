"""Reads runs from their documents, wherever they were recorded: config and end, but neither points nor output.

Other tools write anything into a database: a document that is no run of this project is left out, an entry of another
form counts as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion

from observers.mongodb.database import Database, uuid_in
from observers.mongodb.documents.file_contents import recorded_digest
from observers.mongodb.documents.notes_delivery import notes_in
from observers.mongodb.restoring.entries import copy_name
from observers.mongodb.stored_files import key_of, sources_in
from observers.stored_runs.copies import is_uuid
from observers.stored_runs.liveness import is_running
from observers.stored_runs.stored_run import StoredRun

Where = Mapping[str, Any]
"""A filter in the language of MongoDB."""

_ENTRIES = ("status", "result", "host", "process", "directory", "fail_trace", "start_time", "heartbeat", "seen")
_EXPERIMENT = ("name", "mainfile")
LENIENT: CodecOptions = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_AUTO, unicode_decode_error_handler="replace"
)
"""Decodes what other tools have written, also times after the year 9999 and text in another encoding."""


@dataclass(frozen=True)
class RunInMongoDB(StoredRun):
    """A run as its document shows it; its files may be on another machine.

    Attributes:
        directory: only a name to show, `MongoDB run 7`; there is no such directory.
        document_id: the `_id` of the document.
        goes_on: whether the run still runs, by the clock of the server.
    """

    document_id: Any = None
    goes_on: bool = False


def read_runs(database: Database, where: Where) -> Iterator[RunInMongoDB]:
    """Read runs, in the order of their ids, with four queries for all of them.

    Args:
        database: to read.
        where: which runs, for example {"status": "COMPLETED"}.

    Raises:
        PyMongoError: the database failed.
    """
    wanted = [*_ENTRIES, *(f"experiment.{name}" for name in _EXPERIMENT), "config", "info", "omniboard"]
    named = {"$and": [where, {"info.uuid": {"$type": "string"}}]}
    runs = database.runs.with_options(codec_options=LENIENT)
    found = [document for document in runs.find(named, dict.fromkeys(wanted, 1)).sort("_id", 1) if _is_run(document)]
    if not found:
        return
    sources = _read_sources(database, named)
    now = database.now()
    for document in found:
        yield _read_run(document, sources.get(key_of(document["_id"]), []), now)


def _is_run(document: Mapping[str, Any]) -> bool:
    return is_uuid(uuid_in(document)) and isinstance(document.get("status"), str)


def _read_run(document: Mapping[str, Any], sources: list[list[str]], now: datetime) -> RunInMongoDB:
    run_id, uuid = document["_id"], uuid_in(document)
    experiment = document.get("experiment")
    entry = {name: document[name] for name in _ENTRIES if name in document}
    entry["experiment"] = {**(experiment if isinstance(experiment, dict) else {}), "sources": sources}
    info = {name: value for name, value in document["info"].items() if name != "metrics"}
    config = document.get("config")
    return RunInMongoDB(
        directory=Path(f"MongoDB run {run_id if is_uuid(str(run_id)) else '?'}"),
        entry={**entry, "uuid": uuid},
        config=config if isinstance(config, dict) else {},
        info=info,
        damage=(),
        notes=notes_in(document.get("omniboard")),
        document_id=run_id,
        goes_on=entry["status"] == "RUNNING" and is_running(entry, now=now),
    )


def _read_sources(database: Database, where: Where) -> dict[Any, list[list[str]]]:
    """Return the sources of each run by its `_id`: the name of each, and that of its copy in a directory of runs.

    Most runs have the same sources: the server groups the runs by them.
    """
    pipeline: list[Mapping[str, Any]] = [
        {"$match": where},
        {"$group": {"_id": "$experiment.sources", "runs": {"$push": "$_id"}}},
    ]
    groups = list(database.runs.with_options(codec_options=LENIENT).aggregate(pipeline, allowDiskUse=True))
    listed = [sources_in({"experiment": {"sources": group["_id"]}}) for group in groups]
    copies = _read_copies(database, (source[-1] for sources in listed for source in sources))
    read: dict[Any, list[list[str]]] = {}
    for group, sources in zip(groups, listed):
        named = [
            [name, copy_name("_sources", name, copies.get(key_of(file_id), ""))]
            for name, file_id in (source for source in sources if len(source) == 2)
            if isinstance(name, str)
        ]
        read.update((key_of(run_id), named) for run_id in group["runs"])
    return read


def _read_copies(database: Database, files: Iterable[Any]) -> dict[Any, str]:
    """Return the MD5 of each source in GridFS by its id."""
    ids = list({key_of(file_id): file_id for file_id in files}.values())
    about = database.file_documents.with_options(codec_options=LENIENT)
    digests = ((file["_id"], recorded_digest(file)) for file in about.find({"_id": {"$in": ids}}, {"metadata": 1}))
    return {key_of(file_id): md5 for file_id, (method, md5) in digests if method == "md5" and isinstance(md5, str)}
