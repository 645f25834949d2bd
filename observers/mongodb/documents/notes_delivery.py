"""Keeps the tags and notes of a run the same on disk and in MongoDB, where people change them with Omniboard.

Omniboard has them in `omniboard.tags` and `omniboard.notes` of the run document. The document also holds what the last
delivery wrote, in `delivered_notes`; a difference between the two is a change that somebody made in Omniboard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from observers.mongodb.database import Database
from observers.stored_runs.notes import Notes, change_notes

_ATTEMPTS = 5  # to write, while others change the document


def deliver_notes(directory: Path, run_id: int, database: Database) -> Notes:
    """Bring the changes of each side to the other.

    Args:
        directory: of the run.
        run_id: the `_id` of the run document.
        database: to deliver into.

    Returns:
        The notes, now the same on both sides.

    Raises:
        PyMongoError: the database failed; the next call continues.
        OSError, ValueError: the file of the notes cannot be read or written.
    """
    for _ in range(_ATTEMPTS):
        document = database.runs.find_one({"_id": run_id}, {"omniboard": 1, "delivered_notes": 1}) or {}
        there, delivered = notes_in(document.get("omniboard")), notes_in(document.get("delivered_notes"))
        merged = change_notes(directory, partial(merge_notes, there=there, delivered=delivered))
        if replace(merged, removed=()) == there == delivered or _write(document, merged, run_id, database):
            break
    return merged


def merge_notes(here: Notes, there: Notes, delivered: Notes) -> Notes:
    """Merge the changes that were made on disk and in Omniboard; of two texts that differ, both are kept.

    Args:
        here: on disk.
        there: in the run document.
        delivered: what the last delivery wrote into the document.
    """
    forgotten = set(here.removed) & set(delivered.tags)  # removed on disk since they were delivered
    merged = here.with_tags(
        add=set(there.tags) - forgotten,
        remove=set(delivered.tags) - set(there.tags),
    )
    if there.text in (None, here.text):
        return merged
    if here.text is None or here.text == delivered.text:
        return replace(merged, text=there.text)
    known = not there.text or f"\n{there.text}\n" in f"\n{here.text}\n"  # as whole lines
    return merged if there.text == delivered.text or known else merged.with_text(there.text)


def notes_in(content: Any) -> Notes:
    """Read the tags and notes of a part of the run document; anything else there is left out."""
    if not isinstance(content, Mapping):
        return Notes()
    tags, text = content.get("tags"), content.get("notes")
    tags = sorted({tag for tag in tags if isinstance(tag, str)}) if isinstance(tags, list) else ()
    return Notes(tuple(tags), text if isinstance(text, str) else None)


def _write(document: Mapping[str, Any], notes: Notes, run_id: int, database: Database) -> bool:
    """Write tags and notes, unless somebody has changed them meanwhile; return whether they are written."""
    before = document.get("omniboard")
    content = {"tags": list(notes.tags)} | ({} if notes.text is None else {"notes": notes.text})
    if isinstance(before, Mapping):
        same = {"_id": run_id, **{f"omniboard.{name}": before.get(name) for name in ("tags", "notes")}}
        written: dict[str, Any] = {f"omniboard.{name}": value for name, value in content.items()}
    else:  # none yet, or null
        same, written = {"_id": run_id, "omniboard": before}, {"omniboard": content}
    done = database.runs.update_one(same, {"$set": {**written, "delivered_notes": content}})
    return bool(done.matched_count)
