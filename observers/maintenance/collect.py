"""Collects what interrupted deliveries and deletions left in MongoDB, and no run refers to."""

from collections.abc import Iterator
from datetime import timedelta

from observers.mongodb.database import Database
from observers.mongodb.orphans import Orphans, delete_orphans, find_orphans


class Collection:
    """What is to be deleted."""

    def __init__(self, database: Database, *, minutes: float) -> None:
        """Find what is at least so many minutes old; nothing is deleted yet."""
        self._database = database
        self._minutes = minutes
        self._orphans: Orphans = find_orphans(database, timedelta(minutes=minutes))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to delete."""
        return not (self._orphans.uploads or self._orphans.files or self._orphans.metrics)

    def plan(self) -> Iterator[str]:
        """List what will be deleted, and what is too young, a line each."""
        for orphans, what in (
            (self._orphans.uploads, "uploads that were interrupted"),
            (self._orphans.files, "artifacts and sources of no run"),
            (self._orphans.metrics, "metrics of no run"),
        ):
            if orphans:
                yield f"{len(orphans)} {what}"
        if self._orphans.young:
            yield (
                f"{self._orphans.young} more are younger than {self._minutes:g} minutes, and a delivery may still need"
                " them; --minutes 0 takes them, too"
            )

    def execute(self) -> None:
        """Delete it, unless a run refers to it by now."""
        delete_orphans(self._orphans, self._database)
