"""The workers of a scheduler: asks each of them, and says which ones hang, have gone, or are awaited."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from distributed import Client
from distributed.versions import get_versions

from experiments.pipeline.errors import UserError

_PATIENCE = 10.0  # seconds for an answer
_PAUSE = 10.0  # seconds between two looks at the heartbeats
_SILENCE = 30.0  # seconds without a heartbeat, after which a worker is said to hang
_WAIT = 2.0  # seconds without a worker, after which the sweep says so
_LONG_WAIT = 60.0  # seconds without a worker, after which the sweep says what to look at


class Workers:
    """The workers that a scheduler has at the time.

    Attributes:
        threads: of all workers at the last look.
    """

    def __init__(self, client: Client, name: str, advice: Callable[[], str], note: Callable[[str], None]) -> None:
        """Look at nothing yet.

        Args:
            client: of the scheduler.
            name: of the cluster in messages.
            advice: says what to look at when no worker comes.
            note: prints a line.
        """
        self.threads = 0
        self._client = client
        self._name = name
        self._advice = advice
        self._note = note
        self._noted: set[str] = set()
        self._names: dict[str, str] = {}
        self._heartbeats: dict[str, tuple[float, float]] = {}
        self._look_at = 0.0
        self._missing_since: float | None = None

    def look(self) -> None:
        """Count the threads, and say what has happened to the workers.

        Raises:
            UserError: a new worker has other versions.
        """
        try:
            threads = ask_scheduler(self._client, "ncores", workers=None)
            now = time.monotonic()
            if threads.keys() - self._names.keys() or now >= self._look_at:
                self._describe(now)
        except TimeoutError:
            self._note_once("scheduler", f"the scheduler {self._name} does not answer; the sweep waits for it")
            return
        except OSError:  # it has gone, which the client says soon
            return
        for address in self._names.keys() - threads.keys():
            self._note(f"worker {self._names.pop(address)} has gone; any run there continues on another worker")
            del self._heartbeats[address]
        self.threads = sum(threads.values())
        self._note_wait(now)

    def run(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Run a function on each worker, and return the answers by the address of the worker.

        A worker that hangs is not waited for.

        Raises:
            OSError: the scheduler does not answer.
        """
        addresses = ask_scheduler(self._client, "ncores", workers=None)
        return _ask_each(
            self._client,
            lambda address: self._client._run(function, *arguments, workers=[address], on_error="ignore"),
            addresses,
        )

    def name_of(self, address: str) -> str:
        """Return the name of a worker in messages."""
        return self._names.get(address, address)

    def _describe(self, now: float) -> None:
        """Look at the heartbeats, and at the versions of new workers."""
        self._look_at = now + _PAUSE
        found = ask_scheduler(self._client, "identity", n_workers=-1)["workers"]
        check_workers(self._client, found.keys() - self._names.keys())
        for address, worker in found.items():
            name = str(worker["name"])
            self._names[address] = name if name == address else f"{name} at {address}"
            last, since = self._heartbeats.get(address, (None, now))
            self._heartbeats[address] = worker["last_seen"], since if last == worker["last_seen"] else now
            if now - self._heartbeats[address][1] > _SILENCE:
                self._note_once(
                    address,
                    f"worker {self._names[address]} does not answer; if it is not back within minutes, the scheduler"
                    " gives it up, and any run there continues on another worker",
                )

    def _note_once(self, key: str, line: str) -> None:
        if key not in self._noted:
            self._noted.add(key)
            self._note(line)

    def _note_wait(self, now: float) -> None:
        """Say that there has been no worker for a moment, and for long; and then which ones have come."""
        if self.threads > 0:
            for name in self._names.values() if "wait" in self._noted else ():
                self._note(f"worker {name} has come")
            self._missing_since = None
            self._noted -= {"wait", "long wait"}
            return
        self._missing_since = self._missing_since or now
        if now - self._missing_since > _WAIT:
            self._note_once("wait", f"waiting for workers of {self._name}")
        if now - self._missing_since > _LONG_WAIT:
            self._note_once("long wait", f"still no worker of {self._name}: {self._advice()}")


def check_versions(client: Client) -> None:
    """Check that a scheduler and its workers have the same versions as this process.

    Raises:
        UserError: names what differs.
        OSError: the scheduler does not answer.
    """
    refuse_others({"its scheduler": ask_scheduler(client, "versions", packages=[])})
    check_workers(client, ask_scheduler(client, "ncores", workers=None))


def check_workers(client: Client, addresses: Collection[str]) -> None:
    """Check the versions of workers; one that hangs is left out.

    Raises:
        UserError: names what differs.
    """
    scheduler: Any = client.scheduler
    message = {"op": "versions", "packages": []}
    refuse_others(
        _ask_each(
            client, lambda place: scheduler.broadcast(msg=message, workers=[place], on_error="ignore"), addresses
        )
    )


def refuse_others(found: Mapping[str, Any]) -> None:
    """Refuse versions of Python and distributed that are not those of this process.

    Args:
        found: the versions, as distributed names them, by where they are.

    Raises:
        UserError: names the first place where they differ.
    """
    own = _shown(get_versions())
    for place, versions in found.items():
        if _shown(versions) != own:
            raise UserError(f"{place} has {_shown(versions)}, and this machine {own}: they must be the same")


def ask_scheduler(client: Client, question: str, **arguments: Any) -> Any:
    """Ask a scheduler.

    Args:
        client: of the scheduler.
        question: the name of one of its handlers.
        arguments: of the handler.

    Raises:
        TimeoutError: it does not answer for long.
        OSError: the connection is lost.
    """
    return client.sync(getattr(client.scheduler, question), **arguments, callback_timeout=_PATIENCE)


def _ask_each(client: Client, question: Callable[[str], Awaitable[Any]], addresses: Collection[str]) -> dict[str, Any]:
    """Ask workers at once, and return the answers of those that answer in time."""

    async def ask(address: str) -> Any:
        with suppress(OSError):
            return await asyncio.wait_for(question(address), _PATIENCE)
        return {}

    async def ask_all() -> list[Any]:
        return await asyncio.gather(*map(ask, addresses))

    answers = client.sync(ask_all, callback_timeout=2 * _PATIENCE)
    return {address: answer for found in answers for address, answer in found.items()}


def _shown(versions: Mapping[str, Any]) -> str:
    python = ".".join(versions["host"]["python"].split(".")[:2])
    return f"Python {python} and distributed {versions['packages']['distributed']}"
