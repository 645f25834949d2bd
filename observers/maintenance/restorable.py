"""Which runs can be restored into a directory: those that are there, and those that were there and are gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from observers.directory.start.ids import last_id
from observers.mongodb.database import uuid_in
from observers.mongodb.stored_files import key_of
from observers.stored_runs.runs_directory import id_order, run_directories
from observers.stored_runs.unfinished import deleted_id, unfinished_deletions
from observers.system.untrusted.json_files import read_json_inside


@dataclass(frozen=True)
class Restorable:
    """A run that MongoDB holds.

    Attributes:
        run_id: the id that it has on disk, or gets.
        former: the id that it had; another run may have it by now.
        document: a part of its document.
        is_new: whether its directory is gone.
    """

    run_id: str
    former: str
    document: Mapping[str, Any]
    is_new: bool


def find_restorable(
    runs: Path, documents: Mapping[str, Mapping[str, Any]], mongodb_ids: Sequence[int]
) -> list[Restorable]:
    """Find the runs of a directory that MongoDB holds, and those with these ids there.

    A run whose id another one has by now gets the next id that no run ever had. A run whose deletion was begun is
    left out.

    Args:
        runs: the directory, which may be gone.
        documents: the `_id`, the directory and the uuid of each run document, by uuid.
        mongodb_ids: `_id`s of runs that may have been recorded elsewhere.

    Raises:
        ValueError: MongoDB has no run with one of the ids.
    """
    here = {path.name: path for path in run_directories(runs)} if runs.is_dir() else {}
    found = []
    for name, path in here.items():
        document = _document_of(path, documents, runs)
        if document is not None:
            found.append(Restorable(name, name, document, is_new=False))
    known = {key_of(document["_id"]) for document in documents.values()}
    for run_id in mongodb_ids:
        if run_id not in known:
            raise ValueError(f"MongoDB has no run with the id {run_id} that can be restored")
    on_disk = {uuid_in(item.document) for item in found}
    deleted = unfinished_deletions(runs) if runs.is_dir() else []
    on_disk |= {_uuid_of(path) for path in deleted}
    gone = [
        (_former_id(document), document)
        for uuid, document in documents.items()
        if uuid not in on_disk and (_was_in(document, runs) or key_of(document["_id"]) in mongodb_ids)
    ]
    taken = {*here, *(str(deleted_id(path.name)) for path in deleted)}
    numbers = [int(name) for name in [*taken, *(former for former, _ in gone)] if name.isdecimal()]
    free = max([*numbers, last_id(runs)], default=0) + 1
    for former, document in sorted(gone, key=lambda item: id_order(item[0])):
        name = former
        if name in taken:
            name, free = str(free), free + 1
        taken.add(name)
        found.append(Restorable(name, former, document, is_new=True))
    return found


def expand(ids: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    """Yield ids, and of a range such as 3..9 those that are known.

    Raises:
        ValueError: one of them is neither.
    """
    for item in ids:
        first, dots, last = item.partition("..")
        if not dots:
            yield item
        elif first.isdecimal() and last.isdecimal():
            yield from (name for name in known if name.isdecimal() and int(first) <= int(name) <= int(last))
        else:
            raise ValueError(f"{item} is no id and no range of ids such as 3..9")


def _former_id(document: Mapping[str, Any]) -> str:
    recorded = PurePath(str(document.get("directory"))).name
    return recorded if recorded.isdecimal() else str(document["_id"])


def _document_of(directory: Path, by_uuid: Mapping[str, Mapping[str, Any]], runs: Path) -> Mapping[str, Any] | None:
    """Find the document of a run on disk by its uuid; if that is lost, by the directory."""
    uuid = _uuid_of(directory)
    if uuid is not None:
        return by_uuid.get(uuid)
    return next((document for document in by_uuid.values() if _was_in(document, runs, directory.name)), None)


def _was_in(document: Mapping[str, Any], runs: Path, run_id: str | None = None) -> bool:
    """Tell whether a run was recorded in a directory of runs."""
    recorded = document.get("directory")
    if not isinstance(recorded, str) or not PurePath(recorded).name.isdecimal():
        return False
    path = Path(recorded)
    return path.parent == runs.resolve() and run_id in (None, path.name)


def _uuid_of(directory: Path) -> str | None:
    for name in ("run.json", "info.json"):
        with suppress(OSError, ValueError, TypeError):
            content = read_json_inside(directory, name)
            if isinstance(content, dict) and isinstance(content.get("uuid"), str):
                return str(content["uuid"])
    return None
