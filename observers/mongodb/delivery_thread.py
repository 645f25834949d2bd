"""Delivers a run into MongoDB in a thread, while the run goes on."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError
from pymongo.monitoring import CommandListener

from observers.directory.journal_reader import yield_to_threads
from observers.errors import line_of_error, reason_of
from observers.mongodb.address import LONGEST_WAIT, Address
from observers.mongodb.database import Database
from observers.mongodb.delivery import Delivery
from observers.mongodb.documents.stored_document import VanishedError
from observers.system.process import limit_of_threads
from observers.system.stderr import warn

_TIMEOUT = LONGEST_WAIT
_INTERVAL = 10.0  # seconds between deliveries
_LAST_TIMEOUT = 2.5  # seconds without an answer of the server, after which the end of the run no longer waits
_LAST_TIMEOUT_AFTER_ERROR = 1.0  # if the last delivery failed, or the server has never answered
_LONGEST_WAIT = 5.0  # seconds, even if the server answers: `sync` delivers the rest


class DeliveryThread(threading.Thread):
    """Delivers one run, until the run has ended and all is delivered, or the server no longer answers.

    Attributes:
        error: the error of the last delivery, None if it succeeded.
    """

    def __init__(self, directory: Path, address: Address) -> None:
        super().__init__(name="delivery into MongoDB", daemon=True)
        self.error: str | None = None
        self._directory = directory
        self._address = address
        self._wake = threading.Event()
        self._run_ended = False
        self._is_silent = False
        self._answers = _LastAnswer()
        self._database: Database | None = None
        self._delivery: Delivery | None = None

    @property
    def points(self) -> int:
        """The number of points delivered."""
        return self._delivery.points if self._delivery is not None else 0

    @property
    def missing(self) -> list[str]:
        """The names of what was delivered, but is not there."""
        return self._delivery.missing if self._delivery is not None else []

    @property
    def run_id(self) -> Any:
        """The `_id` in MongoDB, None until the whole run is there."""
        return self._delivery.run_id if self._delivery is not None and self._delivery.complete else None

    def start(self) -> None:
        """Start to deliver, or print why that is not possible: the run is recorded all the same."""
        try:
            with limit_of_threads():
                super().start()
        except OSError as error:
            self._set_error(line_of_error(error), "the run cannot be delivered into MongoDB")

    def deliver_soon(self, *, run_ended: bool = False) -> None:
        """Start the next delivery now; after the end of the run, it is the last."""
        self._run_ended = self._run_ended or run_ended
        self._wake.set()

    def wait(self) -> None:
        """Wait for the last delivery as long as the server answers; a later error is no longer printed."""
        timeout = _LAST_TIMEOUT_AFTER_ERROR if self.error or self._answers.time is None else _LAST_TIMEOUT
        start = self._answers.time = time.monotonic()
        while self.is_alive() and time.monotonic() < min(self._answers.time + timeout, start + _LONGEST_WAIT):
            self.join(timeout=0.02)
        self._is_silent = True
        if self.error is None and self._database is not None and self.is_alive():
            self.error = self._database.silence()

    def run(self) -> None:
        """Deliver every ten seconds."""
        while True:
            is_last = self._run_ended
            self._wake.clear()
            try:
                database = self._database = self._database or Database(
                    self._address, timeout=_TIMEOUT, listeners=[self._answers]
                )
                if self._delivery is None:
                    database.make_indexes(self._warn)
                    self._delivery = Delivery(self._directory, database, self._warn, self._yield)
                try:
                    self._delivery.deliver()
                except VanishedError:  # somebody has replaced the database: it gets the whole run again
                    self._delivery.deliver()
                self.error = None
            except PyMongoError as error:
                self._set_error(reason_of(error), "MongoDB does not accept the run")
            except (OSError, ValueError) as error:
                self._set_error(line_of_error(error), "the run cannot be delivered into MongoDB")
            except Exception as error:  # must not end the thread: the next delivery may succeed
                self._set_error(f"{type(error).__name__}: {error}", "the run cannot be delivered into MongoDB")
            if is_last:
                break
            self._wake.wait(_INTERVAL)
        if self._database is not None:
            self._database.close()

    def _yield(self) -> None:
        """Let the run compute, unless it waits for this thread."""
        if not self._run_ended:
            yield_to_threads()

    def _set_error(self, error: str, problem: str) -> None:
        """Keep an error, and print it if it is new."""
        if error != self.error:
            self._warn(f"{problem} ({error}); it is recorded in {self._directory}")
        self.error = error

    def _warn(self, message: str) -> None:
        if not self._is_silent:
            warn(message)


class _LastAnswer(CommandListener):
    """Knows when the server last answered; `time` is None before the first answer."""

    def __init__(self) -> None:
        self.time: float | None = None

    def started(self, event: Any) -> None:
        pass

    def succeeded(self, event: Any) -> None:
        self.time = time.monotonic()

    def failed(self, event: Any) -> None:
        pass
