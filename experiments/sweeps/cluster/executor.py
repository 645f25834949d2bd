"""Runs each call on a cluster of Dask's, with the executor of its client: on a worker, in a fork of a host process."""

import itertools
import math
import os
import pickle
import re
import signal
import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import cloudpickle
from distributed.scheduler import KilledWorker

from experiments.recording.layout import ROOT
from experiments.recording.platform import VARIABLES, variables
from experiments.sweeps.cluster import remote
from experiments.sweeps.cluster.engines import Cluster
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.cluster.place import Sweep
from experiments.sweeps.cluster.remote.plugin import HostPlugin, run, stop
from experiments.sweeps.cluster.remote.process import Answer, Attempt, Call
from experiments.sweeps.cluster.remote.project import Project, Sealed
from experiments.sweeps.executors.fork_executor import ProcessDiedError
from experiments.sweeps.executors.worker import Outcome, Request
from observers.mongodb.address import VARIABLE

_MOST_CALLS = 256
_VARIABLES = f"(?!CUDA_VISIBLE_DEVICES$)(?:{VARIABLES})"  # a batch system tells each job its devices
_PATIENCE = 10.0  # seconds for a message to all workers
_WAIT = 2.0  # seconds without a worker after which the sweep says so
_LOOK = 1.0  # seconds between two looks at calls that have to end


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
            note: prints what the sweep waits for.
        """
        self._cluster = cluster
        self._client = cluster.client
        self._note = note
        self._most = min(most, _MOST_CALLS)
        self._total = 0
        self._waits_since: float | None = None
        self._name = f"zahlwort-{uuid.uuid4().hex}"
        self._numbers = itertools.count()
        self._running: set[Future[Outcome]] = set()
        self._stops: list[int] = []
        self._failure: str | None = None
        self._threads = ThreadPoolExecutor(_MOST_CALLS)
        self._dask = self._client.get_executor(pure=False)
        cloudpickle.register_pickle_by_value(remote)
        project = Project(str(ROOT), sweep.sources, Sealed(_environment()), _VARIABLES)
        self._client.register_plugin(HostPlugin(project, Sealed(pickle.dumps(sweep))), name=self._name)

    def slots(self) -> int:
        """Return how many calls the cluster can run now.

        Raises:
            ClusterError: if the sweep cannot go on: the scheduler has gone, or a worker cannot take part.
        """
        if self._client.status != "running":
            self._fail(
                f"the scheduler {self._cluster.name} has gone; the same command goes on with another, or without"
            )
        if self._failure is not None:
            raise ClusterError(self._failure)
        with suppress(OSError, TimeoutError):
            total = sum(self._client.nthreads(callback_timeout=_PATIENCE).values())
            self._note_wait(total)
            self._total = total
        if len(self._running) >= self._total:
            self._cluster.refill()
        return min(self._most, self._total)

    def submit(self, request: Request) -> Future[Outcome]:
        """Run a request on a worker."""
        total = max(1, self._total)
        threads = max(1, total // min(self._most, total))
        future = self._threads.submit(self._call, request, threads)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def stop(self, number: int) -> None:
        """Send a signal to the process of every running call and start no more calls."""
        self._stops.append(number)
        self._forward(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.stop(signal.SIGTERM)
        self._threads.shutdown()
        if self._client.status == "running":
            with suppress(Exception):  # of any worker that ends meanwhile
                unregister = self._client._unregister_worker_plugin
                self._client.sync(unregister, name=self._name, callback_timeout=_PATIENCE)

    def _forward(self, number: int) -> set[str] | None:
        """Send a signal to the runs on all workers; return the keys of the calls there, None if it cannot be known."""
        if self._client.status != "running":
            return None
        with suppress(OSError, TimeoutError):
            arguments = stop, self._name, number, len(self._stops)
            found = self._client.sync(self._client._run, *arguments, on_error="ignore", callback_timeout=_PATIENCE)
            return {key for keys in found.values() for key in keys}
        return None

    def _note_wait(self, total: int) -> None:
        """Say once that there has been no worker for a moment."""
        if total > 0:
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = time.monotonic()
        elif time.monotonic() - self._waits_since > _WAIT:
            self._waits_since = math.inf
            self._note(f"waiting for workers of {self._cluster.name}")

    def _fail(self, line: str) -> None:
        """End the sweep."""
        self._failure = self._failure or line

    def _call(self, request: Request, threads: int) -> Outcome:
        sealed = Sealed(pickle.dumps(request))
        earlier: list[Attempt] = []
        while not self._stops and self._failure is None:
            key = f"{self._name}-{next(self._numbers)}"
            call = Call(key, sealed, threads, tuple(earlier))
            future = self._dask.submit(run, self._name, call, key=key)  # the key is known while it is here
            try:
                kind, content = self._result_of(key, future)
            except KilledWorker:
                attempts = self._client.get_metadata([key], {})
                if not attempts:
                    raise ProcessDiedError("its workers die before the run begins") from None
                earlier += [attempts[name] for name in sorted(attempts)]
                continue
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
        raise CancelledError

    def _result_of(self, key: str, future: Future[Any]) -> Answer:
        """Wait for the answer to a call; once the sweep is stopped, only if a worker has begun the call."""
        looks = 0  # that have found it nowhere; at the first one, the answer may be on its way
        while not future.done():
            wait([future], _LOOK)
            if self._stops and not future.done():
                looks = 0 if self._has_begun(key) else looks + 1
                if looks > 1:
                    future.cancel()
        return future.result()

    def _has_begun(self, key: str) -> bool:
        """Tell whether a call runs on a worker, or may; workers that have come since the stop are stopped, too."""
        running = self._forward(self._stops[-1])
        if running is not None:
            return key in running
        with suppress(OSError, TimeoutError):  # a worker does not answer
            return any(key in keys for keys in self._client.processing().values())
        return False


def _environment() -> dict[str, str]:
    """Return the variables of this environment that runs get on a worker."""
    mongo = {VARIABLE: os.environ[VARIABLE]} if os.environ.get(VARIABLE) else {}
    computing = {name: value for name, value in variables().items() if re.fullmatch(_VARIABLES, name)}
    return {**computing, **mongo, "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
