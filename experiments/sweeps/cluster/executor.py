"""Runs each call on a cluster of Dask's, with the executor of its client: on a worker, in a fork of a host process."""

import itertools
import pickle
import signal
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import cloudpickle
from distributed.scheduler import KilledWorker

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster import remote
from experiments.sweeps.cluster.engines import Cluster
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.cluster.place import Sweep
from experiments.sweeps.cluster.remote import plugin
from experiments.sweeps.cluster.remote.process import Answer, Attempt, Call
from experiments.sweeps.cluster.remote.project import Sealed
from experiments.sweeps.cluster.submitter import describe_project
from experiments.sweeps.cluster.workers import Workers, ask_scheduler
from experiments.sweeps.executors.fork_executor import ProcessDiedError
from experiments.sweeps.executors.worker import Outcome, Request
from experiments.sweeps.options import MOST_JOBS

_PATIENCE = 10.0  # seconds for workers to forget a sweep
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
        self._workers = Workers(cluster.client, cluster.name, cluster.advice, note)
        self._most = min(most, MOST_JOBS)
        self._name = f"zahlwort-{uuid.uuid4().hex}"
        self._numbers = itertools.count()
        self._running: set[Future[Outcome]] = set()
        self._stops: list[int] = []
        self._failure: str | None = None
        self._threads = ThreadPoolExecutor(MOST_JOBS)
        self._dask = self._client.get_executor(pure=False)
        for module in (remote, plugin):  # distributed looks for the one of a function, cloudpickle for its package
            cloudpickle.register_pickle_by_value(module)
        host = plugin.HostPlugin(describe_project(sweep.sources), Sealed(pickle.dumps(sweep)))
        register = self._client._register_worker_plugin
        with suppress(TimeoutError):  # a worker hangs; the others have it
            self._client.sync(register, host, self._name, idempotent=False, callback_timeout=_PATIENCE)

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

    def _fail(self, line: str) -> None:
        """End the sweep."""
        self._failure = self._failure or line

    def _call(self, request: Request, threads: int) -> Outcome:
        sealed = Sealed(pickle.dumps(request))
        earlier: list[Attempt] = []
        while not self._stops and self._failure is None:
            key = f"{self._name}-{next(self._numbers)}"
            call = Call(key, sealed, threads, tuple(earlier))
            future = self._dask.submit(plugin.run, self._name, call, key=key)  # the key is known while it is here
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
                absent = 0 if self._has_begun(key) else absent + 1
                silent = 0
            except TimeoutError as error:
                if (silent := silent + 1) >= _MOST_SILENCES:
                    raise ProcessDiedError(f"{error}; the run may go on there") from None
            if absent > 1:
                future.cancel()
        return future.result()

    def _has_begun(self, key: str) -> bool:
        """Tell whether a call runs on a worker; workers that have come since the stop are stopped, too.

        Raises:
            TimeoutError: says what does not answer.
        """
        try:
            running = self._forward(self._stops[-1])
            if any(key in keys for keys in running.values()):
                return True
            waiting = ask_scheduler(self._client, "processing", workers=None)
        except TimeoutError:
            raise TimeoutError(f"the scheduler {self._cluster.name} does not answer") from None
        except OSError:  # it has gone
            return False
        for address in waiting.keys() - running.keys():
            if key in waiting[address]:
                raise TimeoutError(f"worker {self._workers.name_of(address)} does not answer")
        return False

    def _forward(self, number: int) -> dict[str, Any]:
        """Send a signal to the runs on all workers; return the keys of the calls there.

        Raises:
            OSError: the scheduler does not answer, or has gone.
        """
        if self._client.status != "running":
            raise ConnectionError
        return self._workers.run(plugin.stop, self._name, number, len(self._stops))
