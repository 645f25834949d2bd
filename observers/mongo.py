"""Delivers a run into MongoDB while it goes on, and is never in its way."""

import os
import shlex
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError
from pymongo.monitoring import CommandListener
from sacred.observers import RunObserver

from observers.database import Address, Database, described
from observers.delivery import Delivery
from observers.journal import beside
from observers.run_directory import RunDirectoryObserver

_AFTER_THE_DIRECTORY = 10  # which has Sacred's 20
_PATIENCE = 10.0  # seconds that an operation waits for the server while the run goes on
_BEAT = 10.0  # seconds between deliveries
_LAST_WAIT = 3.0  # seconds without a word of the server, after which the end of a run waits no longer
_LAST_WAIT_IN_TROUBLE = 1.5  # when the last delivery had failed
_LONGEST_WAIT = 60.0  # seconds, however much the server takes


class LiveDeliveryObserver(RunObserver):
    """Hands a run directory over to MongoDB, again and again, in a thread of its own.

    What cannot be delivered now is later, from the directory: by the next delivery, or by `observers sync` after the
    run.
    """

    priority = _AFTER_THE_DIRECTORY

    def __init__(self, directory: RunDirectoryObserver, address: Address) -> None:
        """Deliver what an observer writes; nothing is connected to before a run starts.

        Args:
            directory: observes the same experiment.
            address: of the database.
        """
        self._directory = directory
        self._address = address
        self._thread: threading.Thread | None = None

    @property
    def run_id(self) -> int | None:
        """The `_id` in MongoDB, None as long as the run is not there as a whole."""
        return self._delivery.run_id if self._thread is not None and self._is_complete() and self._delivery else None

    def started_event(self, *args: Any, **kwargs: Any) -> None:
        """Begin to deliver."""
        self._wake, self._ended = threading.Event(), False
        self._delivery: Delivery | None = None
        self._trouble: str | None = None
        self._heard = _Heard()
        self._thread = threading.Thread(target=self._deliver, name="delivery into MongoDB", daemon=True)
        self._thread.start()

    def heartbeat_event(self, *args: Any, **kwargs: Any) -> None:
        """Deliver what is new."""
        self._wake.set()

    def completed_event(self, *args: Any, **kwargs: Any) -> None:
        """Deliver the rest."""
        if self._thread is None:
            return
        self._ended = True
        self._wake.set()

    interrupted_event = failed_event = completed_event

    def join(self) -> None:
        """Wait for the rest as long as the server takes something, and say what it has not taken."""
        if self._thread is None:
            return
        start = self._heard.last = time.monotonic()
        patience = _LAST_WAIT_IN_TROUBLE if self._trouble else _LAST_WAIT
        while self._thread.is_alive() and time.monotonic() < min(self._heard.last + patience, start + _LONGEST_WAIT):
            self._thread.join(timeout=0.02)
        if not self._is_complete():
            waiting = self._directory.points - (self._delivery.points if self._delivery is not None else 0)
            command = f"{_python()} -m observers sync {shlex.quote(str(self._directory.basedir))}"
            reason = f", which does not take them ({self._trouble})" if self._trouble else ""
            _say(f"{waiting} points and the end of this run wait for MongoDB{reason}: {command} delivers them")

    def _is_complete(self) -> bool:
        return self._delivery is not None and self._delivery.complete

    def _deliver(self) -> None:
        """Deliver until the run has ended and all has arrived, or the server does not answer then."""
        database: Database | None = None
        while True:
            ended = self._ended
            self._wake.clear()
            try:
                if database is None or self._delivery is None:
                    database = Database(self._address, patience=_PATIENCE, listeners=[self._heard])
                    database.make_indexes(_say)
                    self._delivery = Delivery(Path(self._directory.dir), database, _say, self._pause)
                self._delivery.deliver()
                self._trouble = None
            except PyMongoError as error:
                self._meet(described(error))
            except Exception as error:  # the run goes on, whatever its delivery meets
                self._meet(f"{type(error).__name__}: {error}")
            if ended:
                break
            self._wake.wait(_BEAT)
        if database is not None:
            database.close()

    def _pause(self) -> None:
        """Let the run compute, unless it waits for this to end."""
        if not self._ended:
            beside()

    def _meet(self, trouble: str) -> None:
        """Take note of trouble, and say so when it is new."""
        if trouble != self._trouble:
            _say(f"MongoDB does not take the run now ({trouble}); it is recorded in {self._directory.dir}")
        self._trouble = trouble


class _Heard(CommandListener):
    """Knows when the server has last done something."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def started(self, event: Any) -> None:
        pass

    def succeeded(self, event: Any) -> None:
        self.last = time.monotonic()

    def failed(self, event: Any) -> None:
        pass


def _python() -> str:
    """This Python, as one has to type it."""
    program = Path(sys.executable)
    on_path = str(program.parent) in os.environ.get("PATH", "").split(os.pathsep)
    return "python" if on_path else shlex.quote(os.path.relpath(program))


def _say(message: str) -> None:
    with suppress(OSError, ValueError):
        print(message, file=sys.stderr)
