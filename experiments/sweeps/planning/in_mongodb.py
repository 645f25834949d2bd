"""The runs of a script that are recorded in MongoDB, also those of other machines."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pymongo.errors import PyMongoError

from experiments.pipeline.config import ENTRIES
from experiments.sweeps.planning.store import DONE, Store
from observers.errors import problem_of
from observers.mongodb.address import LONGEST_WAIT, Address
from observers.mongodb.database import Database
from observers.mongodb.reading.runs import RunInMongoDB, read_runs
from observers.stored_runs.stored_run import StoredRun
from observers.system.stderr import Warn

T = TypeVar("T")

_LONGEST_NAME = 100  # characters


class RunsInMongoDB:
    """What a database knows of the runs of a script; nothing while its server is away, or without a database.

    Attributes:
        script: that records the runs, by its path relative to the root of the project.
        sources: the digests of the project's sources now, by such paths.
        address: of the database, None without one.
        is_away: whether the server did not answer the last question; nothing is asked then.
    """

    def __init__(
        self,
        address: Address | None,
        script: str,
        sources: Mapping[str, str],
        warn: Warn,
        *,
        timeout: float = LONGEST_WAIT,
    ) -> None:
        """Prepare to ask a server; the first question connects.

        Args:
            address: of the database, None for none.
            script: see above.
            sources: see above.
            warn: takes one line if the server is away.
            timeout: seconds to wait for an answer.
        """
        self.address = address
        self._timeout = timeout
        self._database: Database | None = None
        self.is_away = False
        self.script = script
        self.sources = sources
        self._warn = warn
        self._has_warned = False
        self._failed_before: frozenset[str] | None = None

    def read(self, known: Collection[str]) -> list[RunInMongoDB]:
        """Read the runs that have a result or go on.

        Args:
            known: the uuids of runs that are left out: they are in the directory of the runs.
        """
        found = self._read({}, "FAILED")
        if found is None:
            return []
        self._failed_before = frozenset(run.uuid for run in found if run.status == "FAILED")
        return [run for run in found if run.uuid not in known and (run.status in DONE or run.goes_on)]

    def find(self, config: Mapping[str, Any], *, any_seed: bool) -> list[RunInMongoDB]:
        """Find the runs of today's sources that have a config, as the database is now.

        Args:
            config: the config entries.
            any_seed: whether runs with another seed count as well.

        Returns:
            The runs that have a result, go on, or have failed since `read`; those with a result first.
        """
        names = [name for name in ENTRIES if not (any_seed and name == "seed")]
        failed = ["FAILED"] if self._failed_before is not None else []
        found = self._read({f"config.{name}": config[name] for name in names}, *failed) or []
        before = self._failed_before or ()
        by_uuid = {
            run.uuid: run for run in found if run.uuid not in before and (run.status != "RUNNING" or run.goes_on)
        }
        store = Store(map(_as_answer, by_uuid.values()), self.script, self.sources)
        return [by_uuid[run.uuid] for run in _take_all(store, config, any_seed)]

    def holds(self, run: StoredRun) -> bool:
        """Tell whether the database has a run with its status of now."""
        wanted = {"info.uuid": run.uuid, "status": run.status}
        return self.ask(lambda database: database.runs.find_one(wanted, {"_id": 1})) is not None

    def ask(self, question: Callable[[Database], T], *, again: bool = False) -> T | None:
        """Ask the server.

        Args:
            question: takes the database.
            again: ask even if the server was away.

        Returns:
            None if the server does not answer.
        """
        if self.address is None or (self.is_away and not again):
            return None
        try:
            self._database = self._database or Database(self.address, timeout=self._timeout)
            answer = question(self._database)
        except PyMongoError as error:
            self.is_away = True
            self._tell(error, self.address)
            return None
        self.is_away = False
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            self._database.close()

    def _tell(self, error: PyMongoError, address: Address) -> None:
        """Print one line a sweep."""
        if not self._has_warned:
            self._has_warned = True
            problem = f"MongoDB at {address} {problem_of(error)}"
            self._warn(f"{problem}; the sweep goes on, and may repeat runs of other machines")

    def _read(self, where: Mapping[str, Any], *statuses: str) -> list[RunInMongoDB] | None:
        wanted = {"experiment.mainfile": self.script, "status": {"$in": [*DONE, "RUNNING", *statuses]}, **where}
        return self.ask(lambda database: list(read_runs(database, wanted)))


def host_of(names: Any) -> str:
    """Return the `hostname` in a part of a document; other tools write anything there."""
    name = names.get("hostname") if isinstance(names, Mapping) else None
    is_shown = isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_NAME
    return str(name) if is_shown else "another host"


def _as_answer(run: RunInMongoDB) -> RunInMongoDB:
    """Have a run that has failed meanwhile answer its config, as one that goes on does."""
    return replace(run, entry={**run.entry, "status": "RUNNING"}, goes_on=True) if run.status == "FAILED" else run


def _take_all(store: Store, config: Mapping[str, Any], any_seed: bool) -> list[StoredRun]:
    """Take every run that answers a config, those with a result first."""
    taken = []
    while (run := store.take(config, any_seed=any_seed).run) is not None:
        taken.append(run)
    return taken
