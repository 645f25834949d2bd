"""Hands out the runs of a plan to sweeps on several machines, so that each run is started by one of them only."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from experiments.sweeps.planning.claims import Claims, name_runs
from experiments.sweeps.planning.in_mongodb import RunsInMongoDB, host_of
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.results import RunResult
from experiments.sweeps.runner import PlannedRuns, RunSource
from observers.mongodb.reading.runs import RunInMongoDB
from observers.stored_runs.failure import failure_reason
from observers.system.stderr import warn

_LONGEST_SEARCH = 1.0  # seconds for the next run, while others go on and want to be looked at


@contextmanager
def shared(source: PlannedRuns, planned: Sequence[PlannedRun], recorded: RunsInMongoDB) -> Iterator[RunSource]:
    """Share the runs of a plan with the sweeps of other machines that have the same database.

    Args:
        source: hands the runs out, and learns how they end, here and elsewhere.
        planned: the same runs.
        recorded: the runs in the database; without one, nothing is shared.
    """
    if recorded.database is None:
        yield source
        return
    with Claims(recorded, warn) as claims:
        yield SharedRuns(source, planned, recorded, claims)


class SharedRuns:
    """Hands out what no other sweep has claimed, and what other machines have not recorded meanwhile.

    A run is claimed first, and then looked up in the database: who has ended it there had recorded it before the claim
    was given up. What others have claimed is looked at again when there is nothing else to start.
    """

    def __init__(
        self, source: PlannedRuns, planned: Sequence[PlannedRun], recorded: RunsInMongoDB, claims: Claims
    ) -> None:
        """Share the runs of a plan; for the arguments see shared."""
        self._source = source
        self._recorded = recorded
        self._claims = claims
        self._counts: Counter[str] = Counter()
        self._keys: dict[int, str] = {}
        names = name_runs(recorded.script, recorded.sources, ((run.config, run.any_seed) for run in planned))
        for run, name in zip(planned, names, strict=True):
            self._keys[id(run)] = f"{name}-{self._counts[name]}"
            self._counts[name] += 1
        self._answers = {id(run): run.match.run.uuid for run in planned if not run.is_needed and run.match.run}
        self._elsewhere = [run for run in planned if not run.is_needed and _goes_on(run.match.run)]
        self._running: set[int] = set()

    def take(self) -> PlannedRun | None:
        """Return the next run, None if all are recorded or claimed."""
        start = time.monotonic()
        while (run := self._source.take()) is not None:
            if self._claim(run):
                return run
            if self._running and time.monotonic() - start > _LONGEST_SEARCH:
                return None  # it is asked again in a moment
        return self._take_abandoned()

    def end(self, run: PlannedRun, result: RunResult) -> None:
        """Keep the result of a run, and give up its claim once others see the result; otherwise at the end."""
        self._running.discard(id(run))
        self._source.end(run, result)
        if result.run is not None:
            self._answers[id(run)] = result.run.uuid
        if result.run is None or self._recorded.holds(result.run):
            self._claims.release(self._keys[id(run)])

    def _take_abandoned(self) -> PlannedRun | None:
        """Return a run that was claimed elsewhere, or went on there, and that nobody will end."""
        living = self._claims.living()
        for run in list(self._elsewhere) if living is not None else ():
            host = (living or {}).get(self._keys[id(run)])
            if host is not None:
                self._keep(run, host)
                continue
            self._elsewhere.remove(run)
            if self._claim(run):
                if not self._recorded.is_away:
                    return run
                self._running.discard(id(run))
                self._elsewhere.append(run)
                break
        return None

    def _claim(self, run: PlannedRun) -> bool:
        """Claim a run, unless somebody else has it; tell whether it can start."""
        key = self._keys[id(run)]
        host = self._claims.claim(key)
        if host is not None:
            self._keep(run, host)
            self._elsewhere.append(run)
            return False
        found = self._find(run, key)
        if found is None:
            self._running.add(id(run))
            return True
        self._claims.release(key)
        self._answers[id(run)] = found.uuid
        self._source.end(run, _result_of(run, found))
        if found.goes_on:
            self._elsewhere.append(run)
        return False

    def _find(self, run: PlannedRun, key: str) -> RunInMongoDB | None:
        """Find a run in the database that nobody had recorded when the sweep was planned."""
        self._answers.pop(id(run), None)
        name = key.rpartition("-")[0]
        alike = self._claims.living() or {} if self._counts[name] > 1 else {}
        return self._recorded.find(
            run.config,
            any_seed=run.any_seed,
            used=set(self._answers.values()),
            claimed=sum(other.startswith(f"{name}-") for other in alike if other != key),
        )

    def _keep(self, run: PlannedRun, host: str) -> None:
        self._source.end(run, RunResult(run.values, None, f"runs on {host}", goes_on=True))


def _goes_on(run: object) -> bool:
    return isinstance(run, RunInMongoDB) and run.goes_on


def _result_of(planned: PlannedRun, run: RunInMongoDB) -> RunResult:
    """Return what is known of a run of another machine."""
    if run.goes_on:
        return RunResult(planned.values, run, f"runs on {host_of(run.entry.get('host'))}", goes_on=True)
    if run.status == "FAILED":
        return RunResult(planned.values, run, f"FAILED: {failure_reason(run.entry.get('fail_trace'))}")
    return RunResult(planned.values, run)
