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

from observers.database import Address, Database, described, read_address
from observers.delivery import Delivery
from observers.journal import beside
from observers.run_directory import RunDirectoryObserver

_AFTER_THE_DIRECTORY = 10  # which has Sacred's 20
_PATIENCE = 10.0  # seconds that an operation waits for the server while the run goes on
_BEAT = 10.0  # seconds between deliveries
_LAST_WAIT = 2.5  # seconds without a word of the server, after which the end of a run waits no longer
_LAST_WAIT_IN_TROUBLE = 1.0  # when the last delivery had failed, or the server has never answered
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
        self._courier: _Courier | None = None

    @property
    def run_id(self) -> int | None:
        """The `_id` in MongoDB, None as long as the run is not there as a whole."""
        return self._courier.run_id if self._courier is not None else None

    def started_event(self, *args: Any, **kwargs: Any) -> None:
        """Begin to deliver."""
        self._courier = _Courier(Path(self._directory.dir), self._address)
        self._courier.start()

    def heartbeat_event(self, *args: Any, **kwargs: Any) -> None:
        """Deliver what is new."""
        if self._courier is not None:
            self._courier.wake.set()

    def completed_event(self, *args: Any, **kwargs: Any) -> None:
        """Deliver the rest."""
        if self._courier is not None:
            self._courier.ended = True
            self._courier.wake.set()

    interrupted_event = failed_event = completed_event

    def join(self) -> None:
        """Wait for the rest as long as the server takes something, and say what it has not taken."""
        if self._courier is not None:
            self._courier.wait()
            self._courier.dismissed = True
            if self._courier.run_id is None:
                self._say_what_waits(self._courier)

    def _say_what_waits(self, courier: "_Courier") -> None:
        waiting = self._directory.points - courier.points
        reason = f", which does not take them ({courier.trouble})" if courier.trouble else ""
        command = f"{_python()} -m observers sync {shlex.quote(str(self._directory.basedir))}{self._option()}"
        _say(f"{waiting} points and the end of this run wait for MongoDB{reason}: {command} delivers them")

    def _option(self) -> str:
        """What `sync` has to be told of the database; a password is for the person to add."""
        with suppress(ValueError):
            if read_address(os.environ.get("MONGO_URL", "")) == self._address:
                return ""
        return f" -m {self._address.url.partition('://')[0]}://{self._address!r}"


class _Courier(threading.Thread):
    """Delivers one run, until it has ended and all has arrived, or the server does not answer then.

    Attributes:
        wake: set when there is something new.
        ended: whether the run has.
        trouble: what the last delivery met, None when it went well.
        dismissed: whether nobody waits for it any more; it says nothing then, when another run may be under way.
    """

    def __init__(self, directory: Path, address: Address) -> None:
        super().__init__(name="delivery into MongoDB", daemon=True)
        self.wake = threading.Event()
        self.ended = False
        self.trouble: str | None = None
        self.dismissed = False
        self._directory = directory
        self._address = address
        self._heard = _Heard()
        self._delivery: Delivery | None = None

    @property
    def points(self) -> int:
        """How many points have arrived."""
        return self._delivery.points if self._delivery is not None else 0

    @property
    def run_id(self) -> int | None:
        """The `_id` in MongoDB, None as long as the run is not there as a whole."""
        return self._delivery.run_id if self._delivery is not None and self._delivery.complete else None

    def run(self) -> None:
        database: Database | None = None
        while True:
            ended = self.ended
            self.wake.clear()
            try:
                database = database or Database(self._address, patience=_PATIENCE, listeners=[self._heard])
                if self._delivery is None:
                    database.make_indexes(self._tell)
                    self._delivery = Delivery(self._directory, database, self._tell, self._pause)
                self._delivery.deliver()
                self.trouble = None
            except PyMongoError as error:
                self._meet(described(error))
            except Exception as error:  # the run goes on, whatever its delivery meets
                self._meet(f"{type(error).__name__}: {error}")
            if ended:
                break
            self.wake.wait(_BEAT)
        if database is not None:
            database.close()

    def wait(self) -> None:
        """Wait for the end, as long as the server does something."""
        patience = _LAST_WAIT_IN_TROUBLE if self.trouble or self._heard.last is None else _LAST_WAIT
        start = self._heard.last = time.monotonic()
        while self.is_alive() and time.monotonic() < min(self._heard.last + patience, start + _LONGEST_WAIT):
            self.join(timeout=0.02)

    def _pause(self) -> None:
        """Let the run compute, unless it waits for this to end."""
        if not self.ended:
            beside()

    def _meet(self, trouble: str) -> None:
        """Take note of trouble, and say so when it is new."""
        if trouble != self.trouble:
            self._tell(f"MongoDB does not take the run now ({trouble}); it is recorded in {self._directory}")
        self.trouble = trouble

    def _tell(self, message: str) -> None:
        if not self.dismissed:
            _say(message)


class _Heard(CommandListener):
    """Knows when the server has last done something, None before it has."""

    def __init__(self) -> None:
        self.last: float | None = None

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
