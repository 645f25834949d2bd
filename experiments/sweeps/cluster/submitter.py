"""Tells the workers of a cluster what they need to know of a sweep, and of the machine that starts it."""

import os
import pickle
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import cloudpickle
from distributed import Client

from experiments.recording.layout import ROOT
from experiments.recording.platform import VARIABLES, variables
from experiments.sweeps.cluster import remote
from experiments.sweeps.cluster.place import Sweep
from experiments.sweeps.cluster.remote import plugin
from experiments.sweeps.cluster.remote.process import Attempt
from experiments.sweeps.cluster.remote.project import Project, Sealed
from experiments.sweeps.cluster.workers import Workers, ask_scheduler
from observers.mongodb.address import VARIABLE

_VARIABLES = f"(?!CUDA_VISIBLE_DEVICES$)(?:{VARIABLES})"  # a batch system tells each job its devices

_PATIENCE = 10.0  # seconds for workers to learn of a sweep, or to forget it


class KnownSweep:
    """A sweep as the scheduler and the workers know it."""

    def __init__(self, name: str, sweep: Sweep, client: Client, workers: Workers, cluster: str) -> None:
        """Tell the workers of a sweep, those that come later included.

        Args:
            name: of the sweep there.
            sweep: what the workers need to know.
            client: of the scheduler.
            workers: of the scheduler.
            cluster: its name in messages.
        """
        self._name, self._client, self._workers, self._cluster = name, client, workers, cluster
        for module in (remote, plugin):  # distributed looks for the one of a function, cloudpickle for its package
            cloudpickle.register_pickle_by_value(module)
        host = plugin.HostPlugin(name, describe_project(sweep.sources), Sealed(pickle.dumps(sweep)))
        with suppress(TimeoutError):  # a worker hangs; the others have it
            client.sync(client._register_worker_plugin, host, name, idempotent=False, callback_timeout=_PATIENCE)

    def forget(self) -> None:
        """Let the workers and the scheduler forget the sweep."""
        with suppress(Exception):  # of any worker that ends meanwhile
            self._client.sync(self._client._unregister_worker_plugin, name=self._name, callback_timeout=_PATIENCE)
        with suppress(OSError):
            self._ask("set_metadata", keys=[self._name], value=None)

    def attempts(self, key: str) -> list[Attempt]:
        """Return the attempts at a call.

        Raises:
            OSError: the scheduler does not answer, or has gone.
        """
        found = self._ask("get_metadata", keys=[self._name, key], default={})
        return [found[name] for name in sorted(found)]

    def stop(self, number: int, times: int) -> dict[str, Any]:
        """Send a signal to the runs on all workers; return the keys of the calls there.

        Args:
            number: of the signal.
            times: how many signals there have been.

        Raises:
            OSError: the scheduler does not answer, or has gone.
        """
        self._check_connection()
        return self._workers.run(plugin.stop, self._name, number, times)

    def has_begun(self, key: str, number: int, times: int) -> bool:
        """Tell whether a call runs on a worker; workers that have come since the last signal are stopped, too.

        Args:
            key: of the call.
            number: of the signal.
            times: how many signals there have been.

        Raises:
            TimeoutError: says what does not answer.
        """
        try:
            running = self.stop(number, times)
            if any(key in keys for keys in running.values()):
                return True
            waiting = self._ask("processing", workers=None)
        except TimeoutError:
            raise TimeoutError(f"the scheduler {self._cluster} does not answer") from None
        except OSError:  # it has gone
            return False
        for address in waiting.keys() - running.keys():
            if key in waiting[address]:
                raise TimeoutError(f"worker {self._workers.name_of(address)} does not answer")
        return False

    def _check_connection(self) -> None:
        if self._client.status == "connecting":  # again, after it was lost
            raise TimeoutError
        if self._client.status != "running":
            raise ConnectionError

    def _ask(self, question: str, **arguments: Any) -> Any:
        self._check_connection()
        return ask_scheduler(self._client, question, **arguments)


def describe_project(sources: Mapping[str, str]) -> Project:
    """Describe the project of this machine, and the environment that its runs get on a worker.

    Args:
        sources: the digests of its sources by their paths.
    """
    mongo = {VARIABLE: os.environ[VARIABLE]} if os.environ.get(VARIABLE) else {}
    computing = {name: value for name, value in variables().items() if re.fullmatch(_VARIABLES, name)}
    level = os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")
    environment = {**computing, **mongo, "TF_CPP_MIN_LOG_LEVEL": level}
    return Project(str(ROOT), sources, Sealed(environment), _VARIABLES)
