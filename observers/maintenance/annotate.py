"""Tags recorded runs and takes notes on them, on disk and in MongoDB."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from observers.mongodb.database import Database
from observers.mongodb.documents.notes_delivery import deliver_notes
from observers.stored_runs.copies import find_copies
from observers.stored_runs.notes import Notes, change_notes
from observers.stored_runs.runs_directory import run_directories
from observers.stored_runs.stored_run import StoredRun, read_run

_NO_TEXT = ("Cc", "Cs")  # the categories of control characters, and of bytes that are no characters


def annotate(
    directories: Iterable[Path], change: Callable[[Notes], Notes], database: Database | None
) -> Iterator[tuple[Path, Notes]]:
    """Change the notes of runs on disk, and of those that are in the database there as well; of a copy, only on disk.

    Yields:
        Each run directory with its notes.

    Raises:
        ValueError: a run cannot be read, in which case nothing is changed; or its file of notes is corrupt.
        OSError: the notes of a run cannot be written.
        PyMongoError: the database failed, after all was written on disk.
    """
    runs = [_read(directory) for directory in directories]
    changed = [_change(run, change) for run in runs]
    copies = find_copies(run_directories(runs[0].directory.parent)) if database is not None and runs else {}
    for run, notes in zip(runs, changed):
        if run.directory in copies:
            yield run.directory, notes
            continue
        found = database.runs.find_one({"info.uuid": run.uuid}, {"_id": 1}) if database is not None else None
        if database is not None and found is not None:
            yield run.directory, deliver_notes(run.directory, found["_id"], database)
        else:
            yield run.directory, notes


def read_tags(words: Sequence[str], *, new: bool = True) -> list[str]:
    """Read tags, with commas between several; those that are there already may have blanks.

    Raises:
        ValueError: one of them is no single word.
    """
    tags = [tag for word in words for tag in word.split(",")]
    for tag in tags:
        if new and (not tag or not tag.isprintable() or " " in tag):
            raise ValueError(f"{tag!r} is not a tag: it must be one word, with commas between several")
    return tags


def check_text(text: str) -> str:
    """Return the text of a note, if it can be one.

    Raises:
        ValueError: it holds control characters other than line breaks and tabs.
    """
    wrong = [
        character for character in text if unicodedata.category(character) in _NO_TEXT and character not in "\n\t"
    ]
    if wrong:
        raise ValueError(f"a note cannot hold the character {wrong[0]!r}")
    return text


def _read(directory: Path) -> StoredRun:
    try:
        return read_run(directory)
    except (OSError, ValueError) as error:
        raise ValueError(f"{directory}: {error}") from None


def _change(run: StoredRun, change: Callable[[Notes], Notes]) -> Notes:
    try:
        return change_notes(run.directory, change)
    except ValueError as error:
        raise ValueError(f"{run.directory}: {error}; it is left as it is") from None
