"""Hands out the runs of a plan to sweeps on several machines, so that each run is started by one of them only."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from experiments.sweeps.planning.claims import Claims, name_runs
from experiments.sweeps.planning.in_mongodb import RunsInMongoDB, host_of
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.planning.store import State
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
    if recorded.address is None:
        yield source
        return
    with Claims(recorded, warn) as claims:
        yield SharedRuns(source, planned, recorded, claims)


class SharedRuns:
    """Hands out what no other sweep has claimed, and what other machines have not recorded meanwhile.

    A run is claimed first, and then looked up in the database: a claim is given up when the run is recorded there.
    What others have claimed is looked at again when there is nothing else to start.

    Equal draws have the same config, so a run answers any of them: as many are trained as are drawn.
    """

    def __init__(
        self, source: PlannedRuns, planned: Sequence[PlannedRun], recorded: RunsInMongoDB, claims: Claims
    ) -> None:
        """Share the runs of a plan; for the arguments see shared."""
        self._source = source
        self._recorded = recorded
        self._claims = claims
        names = name_runs(recorded.script, recorded.sources, ((run.config, run.any_seed) for run in planned))
        self._names = {id(run): name for run, name in zip(planned, names, strict=True)}
        self._draws: Counter[str] = Counter()
        self._keys: dict[int, str] = {}
        for place, name in self._names.items():
            self._keys[place] = f"{name}-{self._draws[name]}"
            self._draws[name] += 1
        self._running: dict[int, str] = {}
        self._ended: dict[str, set[str]] = {name: set() for name in self._draws}
        self._elsewhere = []
        for run in planned:
            if run.match.state is State.DONE and run.match.run is not None:
                self._ended[self._names[id(run)]].add(run.match.run.uuid)
            elif isinstance(run.match.run, RunInMongoDB):
                self._elsewhere.append(run)

    def take(self) -> PlannedRun | None:
        """Return the next run, None if all are recorded or claimed."""
        start = time.monotonic()
        while (run := self._source.take()) is not None:
            if self._begin(run):
                return run
            if self._running and time.monotonic() - start > _LONGEST_SEARCH:
                return None  # it is asked again in a moment
        return self._take_abandoned()

    def end(self, run: PlannedRun, result: RunResult) -> None:
        """Keep the result of a run, and give up its claim once others see the result; otherwise at the end."""
        name = self._running.pop(id(run))
        self._source.end(run, result)
        if result.run is not None:
            self._ended[name].add(result.run.uuid)
        if result.run is None or self._recorded.holds(result.run):
            self._claims.release(self._keys[id(run)])

    def _take_abandoned(self) -> PlannedRun | None:
        """Return a run that another machine has claimed or begun, and no longer will end."""
        living = self._claims.living()
        for run in list(self._elsewhere) if living is not None else ():
            host = (living or {}).get(self._keys[id(run)])
            if host is not None:
                self._keep(run, host)
                continue
            self._elsewhere.remove(run)
            if self._begin(run):
                if not self._recorded.is_away:
                    return run
                del self._running[id(run)]
                self._elsewhere.append(run)
                break
        return None

    def _begin(self, run: PlannedRun) -> bool:
        """Claim a run; return False if another machine has claimed, begun or ended it."""
        key = self._keys[id(run)]
        host = self._claims.claim(key)
        if host is not None:
            self._keep(run, host)
            self._elsewhere.append(run)
            return False
        if self._is_answered(run):
            self._claims.release(key)
            return False
        self._running[id(run)] = self._names[id(run)]
        return True

    def _is_answered(self, run: PlannedRun) -> bool:
        """Look whether other machines have recorded or begun enough runs with a config, and keep what they have."""
        name, key = self._names[id(run)], self._keys[id(run)]
        found = self._recorded.find(run.config, any_seed=run.any_seed)
        ended = {each.uuid: each for each in found if not each.goes_on}
        alike = self._claims.living() or {} if self._draws[name] > 1 else {}
        hosts = [host for other, host in alike.items() if other != key and other.startswith(f"{name}-")]
        going = [each for each in found if each.goes_on]
        hosts += [host_of(each.entry.get("host")) for each in going[len(hosts) :]]
        if len(ended.keys() | self._ended[name]) + len(hosts) < self._draws[name]:
            return False
        new = [each for uuid, each in ended.items() if uuid not in self._ended[name]]
        if len(new) > list(self._running.values()).count(name):  # which may have ended just now
            self._ended[name].add(new[0].uuid)
            self._source.end(run, _result_of(run, new[0]))
        else:
            self._keep(run, hosts[0] if hosts else "another host", next(iter(going), None))
            self._elsewhere.append(run)
        return True

    def _keep(self, run: PlannedRun, host: str, recorded: RunInMongoDB | None = None) -> None:
        self._source.end(run, RunResult(run.values, recorded, f"runs on {host}", goes_on=True))


def describe_elsewhere(results: Sequence[RunResult]) -> str:
    """Say how many runs are recorded elsewhere, and how many other processes go on with; empty if none."""
    done = sum(isinstance(result.run, RunInMongoDB) and not result.goes_on for result in results)
    going = sum(result.goes_on for result in results)
    parts = [
        (done, f"recorded elsewhere, in MongoDB: {done} of {len(results)} runs"),
        (going, f"still running: {going}, whose results the same command shows later"),
    ]
    return "; ".join(text for count, text in parts if count)


def _result_of(planned: PlannedRun, run: RunInMongoDB) -> RunResult:
    """Return the result of a run of another machine."""
    error = f"FAILED: {failure_reason(run.entry.get('fail_trace'))}" if run.status == "FAILED" else None
    return RunResult(planned.values, run, error)
