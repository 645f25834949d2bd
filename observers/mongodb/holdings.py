"""What a database holds of runs, as the server counts it: whether a run is there as a whole, and what is lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from observers.mongodb.database import Database, uuid_in
from observers.mongodb.stored_files import files_of, find_lost, key_of

_MOST_NAMED = 1000  # runs in one query; the holdings of more are those of the whole database
_ARRAYS = ("steps", "values", "timestamps")
_FIELDS = (
    "status",
    "artifacts",
    "experiment.sources",
    "delivered",
    "delivered_notes",
    "omniboard",
    "info.uuid",
    "info.metrics",
)

_ENTRIES = ("config", "captured_out", "experiment", "status")


@dataclass(frozen=True)
class Holding:
    """What a database holds of a run.

    Attributes:
        document: of the run, with its `_id`, status, artifacts, sources, tags and notes only.
        points: that its metric documents cover.
        broken_metrics: the names of those whose arrays lack points.
        lost_files: of its files, those whose contents are not there, or not all of them.
    """

    document: Mapping[str, Any]
    points: int
    broken_metrics: frozenset[str]
    lost_files: Mapping[str, Any]

    @property
    def files(self) -> dict[str, Any]:
        """The ids of the artifacts and sources, by `artifact <name>` and `source <name>`."""
        return dict(files_of(self.document))

    @property
    def run_id(self) -> Any:
        """The `_id` of the run."""
        return self.document["_id"]

    @property
    def status(self) -> Any:
        """The status of the run there."""
        return self.document.get("status")

    @property
    def missing(self) -> list[str]:
        """The names of what was delivered and is there no longer."""
        delivered = self._delivered.get("points")
        lost_points = delivered - self.points if isinstance(delivered, int) else 0
        return [
            *(f"metric {name}" for name in sorted(self.broken_metrics)),
            *([f"{lost_points} points"] if lost_points > 0 else []),
            *(f"entry {name}" for name, kind in self._kinds.items() if kind == "missing" and self._delivered),
            *self.lost_files,
        ]

    @property
    def has_new_notes(self) -> bool:
        """Whether somebody changed the tags or notes there since the last delivery."""
        notes, delivered = (self.document.get(name) or {} for name in ("omniboard", "delivered_notes"))
        return any(notes.get(name) != delivered.get(name) for name in ("tags", "notes"))

    def is_whole(self, fingerprint: str) -> bool:
        """Tell whether a run directory was delivered as it is now, and nothing was lost since."""
        return self.is_of(fingerprint) and not self.missing

    def is_of(self, fingerprint: str) -> bool:
        """Tell whether a run directory was delivered as it is now."""
        return self._delivered.get("fingerprint") == fingerprint

    @property
    def _kinds(self) -> Mapping[str, str]:
        """The types of the entries of the document, as BSON names them."""
        kinds = self.document.get("kinds")
        return kinds if isinstance(kinds, Mapping) else {}

    @property
    def _delivered(self) -> Mapping[str, Any]:
        record = self.document.get("delivered")
        return record if isinstance(record, Mapping) else {}


def survey(database: Database, uuids: Collection[str]) -> dict[str, Holding]:
    """Find what the database holds of runs, in a few queries for all of them.

    Args:
        database: to be searched.
        uuids: of the runs.

    Returns:
        The holdings by uuid, without those runs that are not there.

    Raises:
        PyMongoError: the database failed.
    """
    named = list(uuids) if len(uuids) <= _MOST_NAMED else None
    wanted = {"$in": named} if named is not None else {"$type": "string"}
    kinds = {name: {"$type": f"${name}"} for name in _ENTRIES}
    documents = {
        uuid: document
        for document in database.runs.find({"info.uuid": wanted}, {**dict.fromkeys(_FIELDS, 1), "kinds": kinds})
        if (uuid := uuid_in(document)) in uuids and uuid is not None
    }
    metrics = _count_metrics(database, documents, wanted)
    used = (file_id for document in documents.values() for _, file_id in files_of(document))
    lost = find_lost(database, used, among_all=named is None)
    holdings = {}
    for uuid, document in documents.items():
        points, broken = metrics.get(uuid, (0, frozenset()))
        files = {name: file_id for name, file_id in files_of(document) if key_of(file_id) in lost} if lost else {}
        holdings[uuid] = Holding(document, points, broken, files)
    return holdings


def metric_links(document: Mapping[str, Any]) -> list[str]:
    """Return the ids of the metric documents that a run document refers to."""
    info = document.get("info")
    listed = info.get("metrics") if isinstance(info, Mapping) else None
    ids = [link.get("id") for link in listed if isinstance(link, Mapping)] if isinstance(listed, list) else []
    return [text for text in ids if isinstance(text, str) and ObjectId.is_valid(text)]


def _count_metrics(
    database: Database, documents: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, Any]
) -> dict[str, tuple[int, frozenset[str]]]:
    """Count the points of the metric documents of each run, and name those that lack some.

    Documents of earlier versions have no uuid, and are found by the links of their run.
    """
    undelivered = {uuid: document for uuid, document in documents.items() if "delivered" not in document}
    by_id = {key_of(document["_id"]): uuid for uuid, document in undelivered.items()}
    links = [ObjectId(link) for document in undelivered.values() for link in metric_links(document)]
    earlier = {"uuid": None, "_id": {"$in": links}}
    kept = {"$ceil": {"$divide": [_number("$points"), {"$max": [_number("$stride"), 1]}]}}
    numbered = [{"$gte": ["$points", 0]}, {"$isNumber": "$points"}, {"$gte": [_number("$stride"), 1]}]
    is_whole = {"$and": [*numbered, *({"$eq": [_length(f"${array}"), kept]} for array in _ARRAYS)]}
    pipeline: list[Mapping[str, Any]] = [
        {"$match": {"$or": [{"uuid": wanted}, earlier], "name": {"$type": "string"}}},
        {"$project": {"uuid": 1, "run_id": 1, "name": 1, "points": _number("$points"), "whole": is_whole}},
        {
            "$group": {
                "_id": {"uuid": "$uuid", "run_id": "$run_id"},
                "points": {"$sum": "$points"},
                "broken": {"$push": {"$cond": ["$whole", "$$REMOVE", "$name"]}},
            }
        },
    ]
    counted: dict[str, tuple[int, frozenset[str]]] = {}
    for group in database.metrics.aggregate(pipeline, allowDiskUse=True):
        uuid = group["_id"].get("uuid") or by_id.get(key_of(group["_id"].get("run_id")))
        if uuid is not None:
            points, broken = counted.get(uuid, (0, frozenset()))
            counted[uuid] = points + group["points"], broken | {str(name) for name in group["broken"]}
    return counted


def _number(field: str) -> Mapping[str, Any]:
    return {"$cond": [{"$isNumber": field}, field, 0]}


def _length(field: str) -> Mapping[str, Any]:
    return {"$cond": [{"$isArray": field}, {"$size": field}, -1]}
