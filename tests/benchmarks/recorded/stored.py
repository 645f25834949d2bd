"""Compares what MongoDB holds of the runs in a directory with the files there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import gridfs
import pymongo

from observers.directory.journal_reader import read_points
from observers.mongodb.address import read_address
from observers.mongodb.database import Database
from observers.mongodb.orphans import find_orphans
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun


@dataclass(frozen=True)
class Stored:
    """What MongoDB holds.

    Attributes:
        points: the number of points of all runs of the directory.
        differences: from the directory, a line each.
    """

    points: int
    differences: tuple[str, ...]


def read_stored(runs: Path, url: str) -> Stored:
    """Read what a database holds of the runs in a directory."""
    points, differences = 0, []
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        database: Any = client.get_default_database()
        for run in read_runs(runs, lambda _: None):
            documents = list(database.runs.find({"info.uuid": run.uuid}))
            if len(documents) != 1:
                differences.append(f"{run.directory.name}: {len(documents)} documents")
                continue
            metrics = _metrics(database, run)
            points += sum(map(len, metrics.values()))
            differences += [
                f"{run.directory.name}: {what} differs" for what in _differing(run, documents[0], metrics, database)
            ]
    return Stored(points, tuple(differences))


def points_on_disk(runs: Path) -> int:
    """Count the points of all runs in a directory."""
    journals = [run.journal for run in read_runs(runs, lambda _: None)]
    return sum(len(list(read_points(journal))) for journal in journals if journal.exists())


def count_orphans(url: str) -> int:
    """Count what no run in a database refers to."""
    database = Database(read_address(url), timeout=10.0)
    try:
        orphans = find_orphans(database, timedelta())
    finally:
        database.close()
    return len([*orphans.uploads, *orphans.files, *orphans.metrics]) + orphans.young


def _metrics(database: Any, run: StoredRun) -> dict[str, list[tuple[Any, Any]]]:
    return {
        metric["name"]: list(zip(metric["steps"], metric["values"], strict=True))
        for metric in database.metrics.find({"uuid": run.uuid})
    }


def _differing(
    run: StoredRun, document: Mapping[str, Any], metrics: Mapping[str, Any], database: Any
) -> Iterator[str]:
    files = gridfs.GridFS(database)
    logged: dict[str, list[tuple[Any, Any]]] = {}
    for point in read_points(run.journal):
        logged.setdefault(point.name, []).append((point.step, point.value))
    output = run.directory / "cout.txt"
    for what, here, there in (
        ("status", run.status, document["status"]),
        ("result", run.entry.get("result"), document.get("result")),
        ("config", run.config, document.get("config")),
        ("output", output.read_text() if output.exists() else "", document.get("captured_out")),
        ("points", logged, metrics),
    ):
        if here != there:
            yield what
    artifacts = {each["name"]: files.get(each["file_id"]).read() for each in document["artifacts"]}
    if artifacts != {name: (run.directory / name).read_bytes() for name in run.entry["artifacts"]}:
        yield "artifacts"
    sources = {name: files.get(file_id).read() for name, file_id in document["experiment"]["sources"]}
    copies = {name: (run.directory.parent / copy).read_bytes() for name, copy in run.entry["experiment"]["sources"]}
    if sources != copies:
        yield "sources"
