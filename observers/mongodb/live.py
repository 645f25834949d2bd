"""Delivers a run into MongoDB while it goes on, and neither slows nor stops it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sacred.observers import RunObserver

from observers.directory.observer import RunDirectoryObserver
from observers.mongodb.address import VARIABLE, Address, find_address
from observers.mongodb.delivery_thread import DeliveryThread
from observers.system.shell import typed_path, typed_program, typed_text
from observers.system.stderr import warn

_PRIORITY = 10  # below the 20 of FileStorageObserver: the run directory is there first


class LiveDeliveryObserver(RunObserver):
    """Delivers a run directory every few seconds.

    What cannot be delivered now remains in the directory. The next delivery takes it, or `observers sync` after the
    run.

    Attributes:
        address: of the database.
    """

    priority = _PRIORITY

    def __init__(self, directory: RunDirectoryObserver, address: Address) -> None:
        """Prepare to deliver; the connection is made when a run starts.

        Args:
            directory: an observer of the same experiment.
            address: of the database.
        """
        self._directory = directory
        self.address = address
        self._thread: DeliveryThread | None = None
        self._process = 0

    @property
    def run_id(self) -> Any:
        """The `_id` in MongoDB, None until the whole run is there."""
        return self._thread.run_id if self._thread is not None else None

    def started_event(self, *args: Any, **kwargs: Any) -> None:
        """Start to deliver."""
        self._process = os.getpid()
        self._thread = DeliveryThread(Path(self._directory.dir), self.address)
        self._thread.start()

    def heartbeat_event(self, *args: Any, **kwargs: Any) -> None:
        """Deliver what is new."""
        if self._thread is not None:
            self._thread.deliver_soon()

    def completed_event(self, *args: Any, **kwargs: Any) -> None:
        """Deliver the rest."""
        if self._thread is not None:
            self._thread.deliver_soon(run_ended=True)

    interrupted_event = failed_event = completed_event

    def join(self) -> None:
        """Wait for the last delivery as long as the server answers, and report what is missing; not in a fork."""
        if self._thread is not None and self._process == os.getpid():
            self._thread.wait()
            if self._thread.run_id is None:
                self._report_missing(self._thread)

    def _report_missing(self, thread: DeliveryThread) -> None:
        points = self._directory.points - thread.points
        names = thread.missing or [f"{points} points", "the end"][points <= 0 :]
        missing, (verb, pronoun) = " and ".join(names), ("is", "it") if len(names) == 1 else ("are", "them")
        reason = f" ({thread.error})" if thread.error else ""
        command = f"{typed_program()} -m observers sync {typed_path(self._directory.basedir)}"
        how, option = naming_of(self.address)
        warn(f"{missing} of this run {verb} not in MongoDB yet{reason}; {how}to deliver {pronoun}: {command}{option}")


def naming_of(address: Address | None) -> tuple[str, str]:
    """Say how a command that is printed names a database; no password is printed.

    Args:
        address: of the database; None if the command takes none.

    Returns:
        What the user does before, and the option; both are empty if MONGO_URL names this database already.
    """
    if address is None:
        return "", ""
    with suppress(ValueError):
        if find_address() == address:
            return "", ""
    if address.is_secret:
        return f"set {VARIABLE} to the address of {address}, with its user and password, ", ""
    return "", f" -m {typed_text(address.url_with_database)}"
