"""Reads and writes the tags and the notes that people give to a recorded run, in a file beside those of the run."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from observers.directory.recording import NOTES
from observers.system.files import write_json
from observers.system.untrusted.json_files import read_json_inside

if TYPE_CHECKING:
    from typing import TypeGuard


@dataclass(frozen=True)
class Notes:
    """What people say about a run.

    Attributes:
        tags: words, in the order of the alphabet.
        text: of one or more lines; None if there never was one, empty if it was cleared.
        removed: tags that the run had once, so that other copies of the run know that they are gone.
    """

    tags: tuple[str, ...] = ()
    text: str | None = None
    removed: tuple[str, ...] = ()

    def with_tags(self, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Notes:
        """Return notes with more tags, and without others."""
        add, remove = set(add), set(remove)
        tags = (set(self.tags) | add) - remove
        removed = (set(self.removed) | (remove & set(self.tags))) - tags
        return replace(self, tags=tuple(sorted(tags)), removed=tuple(sorted(removed)))

    def with_text(self, text: str) -> Notes:
        """Return notes with a text that follows what was there."""
        return replace(self, text=f"{self.text}\n{text}" if self.text else text)


def read_notes(directory: Path) -> Notes:
    """Read the notes of a run; without a file there are none.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not one that change_notes wrote; the message names it.
    """
    try:
        content = read_json_inside(directory, NOTES)
    except FileNotFoundError:
        return Notes()
    if isinstance(content, dict):
        tags, text, removed = content.get("tags"), content.get("notes"), content.get("removed_tags")
        if _are_texts(tags) and _are_texts(removed) and isinstance(text, (str, type(None))):
            return Notes(tuple(tags), text, tuple(removed))
    raise ValueError(f"{NOTES} holds no tags and notes")


def change_notes(directory: Path, change: Callable[[Notes], Notes]) -> Notes:
    """Change the notes of a run, while no other process does.

    Args:
        directory: of the run.
        change: makes the new notes from those on disk.

    Returns:
        The new notes.

    Raises:
        OSError: the file cannot be read or written.
        ValueError: see read_notes; the file stays as it is.
    """
    with _locked(directory):
        before = read_notes(directory)
        after = change(before)
        if after != before:
            content = {"tags": after.tags, "notes": after.text, "removed_tags": after.removed}
            write_json(directory / NOTES, content)
    return after


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Wait until no other process changes the notes in a directory."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):  # NFS locks no directory; the file is replaced atomically all the same
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # which a fork would hold on to
        os.close(descriptor)
