"""Claims runs in MongoDB, so that of several sweeps on several machines only one starts each.

The collection `claims` has a document for each claimed run: its `_id` names the config, `holder` the sweep, and
`heartbeat` is when the sweep was last seen, by the clock of the server. After a minute without one, the claim is free.
"""

import functools
import hashlib
import json
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from pymongo.collection import Collection, ReturnDocument
from pymongo.errors import DuplicateKeyError, OperationFailure

from experiments.pipeline.config import ENTRIES
from experiments.sweeps.planning.in_mongodb import RunsInMongoDB, host_of
from observers.errors import AUTHENTICATION_FAILED, problem_of
from observers.mongodb.database import Database
from observers.mongodb.reading.runs import LENIENT
from observers.system.stderr import Warn

T = TypeVar("T")

_STALE_AFTER = 60.0  # seconds
_BEATS = 6  # before a claim would be stale
_KEPT = 3600  # seconds, after which the server deletes the claims of a sweep that was killed
_NOW = "$$NOW"  # of the server
_BEAT = [{"$set": {"heartbeat": _NOW}}]
_WITHOUT_CLAIMS = "the sweep claims no runs in the collection claims, so other machines may run the same ones"


class Claims:
    """The claims of one sweep; a context that gives them up at its end.

    While the server is away, or if the user may not write there, every claim is granted: no sweep waits for a server.
    """

    def __init__(self, recorded: RunsInMongoDB, warn: Warn, *, stale_after: float = _STALE_AFTER) -> None:
        """Prepare to claim.

        Args:
            recorded: in the database of the claims.
            warn: takes one line if the server refuses claims.
            stale_after: seconds without a heartbeat, after which the claims of a sweep are free.
        """
        self._recorded = recorded
        self._warn = warn
        self._is_refused = False
        self._stale_after = stale_after
        self._holder = {"hostname": socket.gethostname(), "pid": os.getpid(), "sweep": uuid.uuid4().hex}
        self._held: set[str] = set()
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="claims in MongoDB", daemon=True)

    def __enter__(self) -> "Claims":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        self._thread.join()
        self._ask(lambda claims: claims.delete_many(self._mine))

    def claim(self, key: str) -> str | None:
        """Claim a run, if no living sweep has claimed it.

        Returns:
            The name of the host that has claimed it; None if this sweep now has.
        """
        with self._lock:
            found = self._ask(lambda claims: self._find_or_take(claims, key))
            if found is not None and not self._is_mine(found):
                return host_of(found.get("holder"))
            self._held.add(key)
            return None

    def release(self, key: str) -> None:
        """Give up a claim: the run is recorded, or nobody shall wait for it."""
        with self._lock:
            self._held.discard(key)
            self._ask(lambda claims: claims.delete_one({"_id": key, **self._mine}))

    def living(self) -> dict[str, str] | None:
        """Return the host of each claim of a living sweep, this one included; None if the server does not answer."""
        alive = {"$expr": {"$not": [self._is_stale]}}
        found = self._ask(lambda claims: list(claims.find(alive)))
        return None if found is None else {str(claim["_id"]): host_of(claim.get("holder")) for claim in found}

    @property
    def _mine(self) -> dict[str, Any]:
        return {"holder.sweep": self._holder["sweep"]}

    @property
    def _is_stale(self) -> dict[str, Any]:
        oldest = {"$subtract": [_NOW, round(self._stale_after * 1000)]}
        return {"$or": [{"$ne": [{"$type": "$heartbeat"}, "date"]}, {"$lt": ["$heartbeat", oldest]}]}

    def _is_mine(self, claim: Mapping[str, Any]) -> bool:
        holder = claim.get("holder")
        return isinstance(holder, Mapping) and holder.get("sweep") == self._holder["sweep"]

    def _find_or_take(self, claims: Collection, key: str) -> Any:
        """Return a claim, which is of this sweep now if it was free; the server does both in one step."""
        fields = {"holder": {"$literal": self._holder}, "heartbeat": _NOW}
        taken = {name: {"$cond": [self._is_stale, value, f"${name}"]} for name, value in fields.items()}
        for _ in range(2):
            with suppress(DuplicateKeyError):  # two sweeps have inserted it at once
                return claims.find_one_and_update(
                    {"_id": key}, [{"$set": taken}], upsert=True, return_document=ReturnDocument.AFTER
                )
        return claims.find_one({"_id": key})

    def _beat(self) -> None:
        """Say every few seconds that this sweep lives, and claim again what the server has lost meanwhile."""
        self._ask(lambda claims: claims.create_index("heartbeat", expireAfterSeconds=_KEPT), is_optional=True)
        while not self._end.wait(self._stale_after / _BEATS):
            beaten = self._ask(lambda claims: claims.update_many(self._mine, _BEAT).matched_count, again=True)
            with self._lock:
                lost = list(self._held) if beaten is not None and beaten < len(self._held) else []
                for key in lost:
                    self._ask(functools.partial(self._find_or_take, key=key))

    def _ask(self, question: Callable[[Collection], T], *, again: bool = False, is_optional: bool = False) -> T | None:
        """Ask the server about claims; None if it does not answer, or refuses."""

        def ask(database: Database) -> T | None:
            try:
                return question(database.claims.with_options(codec_options=LENIENT))
            except OperationFailure as error:
                if error.code == AUTHENTICATION_FAILED:
                    raise
                if not is_optional:
                    self._is_refused = True
                    self._warn(f"MongoDB at {database.address} {problem_of(error)}: {_WITHOUT_CLAIMS}")
                return None

        return None if self._is_refused else self._recorded.ask(ask, again=again)


def name_runs(
    script: str, sources: Mapping[str, str], runs: Iterable[tuple[Mapping[str, Any], bool]]
) -> Iterator[str]:
    """Name runs of a script, so that sweeps on all machines call the same run the same.

    Args:
        script: its path relative to the root of the project.
        sources: the digests of the project's sources, by such paths.
        runs: the config entries of each, and whether any seed counts.
    """
    common = hashlib.sha256(json.dumps([script, sorted(sources.items())]).encode())
    for config, any_seed in runs:
        values = [None if any_seed and name == "seed" else _plain(name, config[name]) for name in ENTRIES]
        digest = common.copy()
        digest.update(json.dumps(values).encode())
        yield digest.hexdigest()


def _plain(name: str, value: Any) -> Any:
    """Return a value as its entry takes it: 1 is 1.0 where it takes any number."""
    return float(value) if ENTRIES[name].kind is float and value is not None else value
