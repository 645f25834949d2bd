"""Starts the host process of a sweep on each worker, hands it the calls, and ends it with the worker or the sweep."""

import asyncio
import os
import threading
import time
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker
from distributed.utils import sync

from experiments.sweeps.cluster.remote.process import Answer, Attempt, Call, HostProcess, as_left
from experiments.sweeps.cluster.remote.project import Project, RefusedError, Sealed, find_project, make_environment

_PATIENCE = 7.0  # seconds in which runs can save their state, before Dask kills a worker that closes
_LEAVE = 60.0  # seconds after which a worker that was told to end is still there, and goes on


class HostPlugin(WorkerPlugin):
    """Starts the host process of a sweep at its first call on a worker, and ends it with the worker or the sweep."""

    def __init__(self, name: str, project: Project, sweep: Sealed) -> None:
        """Keep what the host needs to know of the sweep.

        Args:
            name: of the sweep, for workers and in the metadata of the scheduler.
            project: of the submitter.
            sweep: for the host.
        """
        self.name = name
        self._project = project
        self._sweep = sweep

    def setup(self, worker: Worker) -> None:
        """Begin on a worker."""
        self._worker = worker
        self._lock = threading.Lock()
        self._host: HostProcess | None = None
        self._calls: set[str] = set()
        self._stops = 0
        self._stopped_by = 0
        self._is_leaving = False

    async def teardown(self, worker: Worker) -> None:
        """End: the worker closes, or the sweep is over."""
        self._is_leaving = True
        if self._host is not None:
            self._host.send("leave")
            if self._host.is_busy:
                await asyncio.to_thread(self._host.wait, _PATIENCE)

    def stop(self, number: int, times: int) -> list[str]:
        """Send a signal to all runs and begin no more; a further one has a larger `times`.

        Returns:
            The keys of the calls that have not ended here.
        """
        if times > self._stops:
            self._stopped_by = number
            self._stops = times
            if self._host is not None:
                self._host.send("stop", number)
        return list(self._calls)

    def run(self, call: Call) -> Answer:
        """Run on the host, again if the host dies, and return how that has ended."""
        self._calls.add(call.key)
        try:
            return self._run(call)
        finally:
            self._calls.discard(call.key)

    def _run(self, call: Call) -> Answer:
        failures = 0
        while not self._stops and not self._is_leaving:
            own = self._attempts(call.key)
            try:
                answer = self._ready_host().run(
                    call, [*call.earlier, *own], lambda attempt: self._note(call.key, attempt)
                )
            except RefusedError as error:
                return "refused", f"worker {self._worker.name} on {os.uname().nodename}: {error}"
            if answer[0] == "left":
                self._await_end()
            elif answer[0] != "lost":
                return answer
            elif len(self._attempts(call.key)) == len(own):
                failures += 1
                if failures > 1:
                    return "failed", "the host process ends before the run begins"
        return ("cancelled", None) if self._stops else ("left", [*map(as_left, self._attempts(call.key))])

    def _await_end(self) -> None:
        """Wait for the end of a worker that was told to end."""
        deadline = time.monotonic() + _LEAVE
        while time.monotonic() < deadline and not self._is_leaving and not self._stops:
            time.sleep(0.2)

    def _ready_host(self) -> HostProcess:
        with self._lock:
            if self._host is None or self._host.has_ended:
                root = find_project(self._project)
                environment = make_environment(self._project, root)
                self._host = HostProcess(environment, (self._sweep.content, self._worker.state.nthreads))
                if self._stops:  # while it started
                    self._host.send("stop", self._stopped_by)
                if self._is_leaving:
                    self._host.send("leave")
            return self._host

    def _attempts(self, key: str) -> list[Attempt]:
        found = sync(self._worker.loop, self._worker.scheduler.get_metadata, keys=[self.name, key], default={})
        return [found[name] for name in sorted(found)]

    def _note(self, key: str, attempt: Attempt) -> None:
        """Let the scheduler know that a run begins: a worker that gets this call later will go on with that run."""
        name = f"{time.time_ns():020}"
        noted = {**attempt, "worker": self._worker.address}
        sync(self._worker.loop, self._worker.scheduler.set_metadata, keys=[self.name, key, name], value=noted)


def run(name: str, call: Call) -> Answer:
    """Run a call on the worker of this task."""
    return get_worker().plugins[name].run(call)  # type: ignore[attr-defined]


async def stop(name: str, number: int, times: int, dask_worker: Worker) -> list[str]:
    """Stop the runs of a sweep on a worker, and return the keys of the calls that have not ended there."""
    plugin: Any = dask_worker.plugins.get(name)  # of a class that was sent here by itself
    return [] if plugin is None else list(plugin.stop(number, times))
