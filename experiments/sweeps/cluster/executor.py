"""Runs each call on a cluster of Dask's, with the executor of its client: on a worker, in a fork of a host process."""

import itertools
import pickle
import signal
import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from distributed.scheduler import KilledWorker

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster.engines import Cluster
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.cluster.place import Sweep
from experiments.sweeps.cluster.remote import plugin
from experiments.sweeps.cluster.remote.process import Answer, Attempt, Call, as_left
from experiments.sweeps.cluster.remote.project import Sealed
from experiments.sweeps.cluster.submitter import KnownSweep
from experiments.sweeps.cluster.workers import Workers
from experiments.sweeps.executors.fork_executor import ProcessDiedError
from experiments.sweeps.executors.worker import Outcome, Request
from experiments.sweeps.options import MOST_JOBS

_LOOK = 1.0  # seconds between two looks at calls that have to end
_MOST_SILENCES = 3  # looks for which a stopped sweep waits for an answer


class ClusterExecutor:
    """Runs on the workers that a cluster has at the time.

    A call whose worker dies goes to another worker, where the run goes on from the state that it has kept.
    """

    def __init__(self, cluster: Cluster, sweep: Sweep, most: int, note: Callable[[str], None]) -> None:
        """Prepare the workers, those that come later included.

        Args:
            cluster: the scheduler.
            sweep: what the workers need to know.
            most: the number of concurrent calls.
            note: prints a line about the workers.
        """
        self._cluster = cluster
        self._client = cluster.client
        self._scheduler = self._client._scheduler_identity.get("id")
        self._workers = Workers(cluster.client, cluster.name, cluster.advice, note)
        self._most = min(most, MOST_JOBS)
        self._name = f"zahlwort-{uuid.uuid4().hex}"
        self._numbers = itertools.count()
        self._running: set[Future[Outcome]] = set()
        self._stops: list[int] = []
        self._failure: str | None = None
        self._threads = ThreadPoolExecutor(MOST_JOBS)
        self._dask = self._client.get_executor(pure=False)
        self._known = KnownSweep(self._name, sweep, self._client, self._workers, cluster.name)

    def slots(self) -> int:
        """Return how many calls the cluster can run now, none while the client connects to the scheduler anew.

        Raises:
            ClusterError: if the sweep cannot go on: the scheduler has gone, or a worker cannot take part.
        """
        if not self._goes_on() and self._failure is not None:
            raise ClusterError(self._failure)
        if self._client.status == "connecting":
            return 0
        try:
            self._workers.look()
        except UserError as error:
            self._fail(str(error))
            raise ClusterError(error) from error
        if len(self._running) >= self._workers.threads:
            self._cluster.refill()
        return min(self._most, self._workers.threads)

    def submit(self, request: Request) -> Future[Outcome]:
        """Run a request on a worker."""
        total = max(1, self._workers.threads)
        threads = max(1, total // min(self._most, total))
        future = self._threads.submit(self._call, request, threads)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def stop(self, number: int) -> None:
        """Send a signal to the process of every running call and start no more calls."""
        self._stops.append(number)
        with suppress(OSError):
            self._known.stop(number, len(self._stops))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.stop(signal.SIGTERM)
        self._threads.shutdown()
        if self._client.status == "running":
            self._known.forget()

    def _fail(self, line: str) -> None:
        """End the sweep."""
        self._failure = self._failure or line

    def _goes_on(self) -> bool:
        """Tell whether the sweep goes on; it does while the client connects anew, but not with another scheduler."""
        status, found = self._client.status, self._client._scheduler_identity.get("id")
        if status != "connecting" and (status != "running" or found != self._scheduler):
            self._fail(
                f"the scheduler {self._cluster.name} has gone; the same command goes on with another, or without"
            )
        return not self._stops and self._failure is None

    def _call(self, request: Request, threads: int) -> Outcome:
        sealed = Sealed(pickle.dumps(request))
        earlier: list[Attempt] = []
        while self._goes_on():
            key = f"{self._name}-{next(self._numbers)}"
            kind, content = self._answer_to(Call(key, sealed, threads, tuple(earlier)))
            if kind == "outcome":
                outcome: Outcome = pickle.loads(content)
                return outcome
            if kind == "failed":
                raise ProcessDiedError(content)
            if kind == "interrupted":
                raise KeyboardInterrupt
            if kind == "refused":
                self._fail(content)
            if kind == "left":
                earlier += content
        if self._failure is not None and not self._stops:
            raise ClusterError(self._failure)
        raise CancelledError

    def _answer_to(self, call: Call) -> Answer:
        """Give a call to a worker, and return the answer; a call whose worker dies, or that is lost, is left."""
        future = self._dask.submit(plugin.run, self._name, call, key=call.key)  # known there while the future is here
        try:
            return self._result_of(call.key, future)
        except KilledWorker:
            attempts = self._attempts(call.key)
            if attempts or not self._goes_on():
                return "left", attempts
            return "failed", "its workers die before the run begins"
        except CancelledError:  # by another client of the scheduler, or since the connection was lost
            return "left", [as_left(attempt) for attempt in self._attempts(call.key)]

    def _attempts(self, key: str) -> list[Attempt]:
        """Return the attempts at a call, once the scheduler answers; none if the sweep ends."""
        while self._goes_on():
            with suppress(OSError):
                return self._known.attempts(key)
            time.sleep(_LOOK / 4)
        return []

    def _result_of(self, key: str, future: Future[Any]) -> Answer:
        """Wait for the answer to a call; once the sweep is stopped, only if a worker has begun the call.

        Raises:
            ProcessDiedError: a stopped sweep cannot reach the call.
        """
        absent = silent = 0  # looks in a row; at the first one, the answer may be on its way
        while not future.done():
            wait([future], _LOOK)
            if not self._stops or future.done():
                continue
            try:
                absent = 0 if self._known.has_begun(key, self._stops[-1], len(self._stops)) else absent + 1
                silent = 0
            except TimeoutError as error:
                if (silent := silent + 1) >= _MOST_SILENCES:
                    raise ProcessDiedError(f"{error}; the run may go on there") from None
            if absent > 1:
                future.cancel()
        return future.result()
