"""Connects to a scheduler of Dask's by its address, or starts a cluster by its name, and closes it at the end."""

import json
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from distributed import Client
from distributed.deploy.spec import SpecCluster
from distributed.security import Security

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster.batch import check_batch, start_batch
from experiments.sweeps.cluster.systems.jobs import Jobs
from experiments.sweeps.cluster.workers import check_versions
from observers.system.shell import typed_path

_TIMEOUT = 10.0  # seconds to connect
_ADDRESS = re.compile(r"((?P<scheme>tcp|tls|ucx|ws|wss)://)?([^\s/:\[\]]+|\[[\w:.%]+\]):(?P<port>\d{1,5})", re.ASCII)
_END_TIMEOUT = 30.0  # seconds to take jobs out of a queue


@dataclass(frozen=True)
class Cluster:
    """A scheduler with workers.

    Attributes:
        client: of the scheduler.
        name: in messages.
        refill: starts workers in the place of those that have ended, if it can.
        advice: says what to look at when no worker comes.
    """

    client: Client
    name: str
    refill: Callable[[], None]
    advice: Callable[[], str]


class _QuietClient(Client):
    """A client that is closed here: one that has not connected would report an error when it is collected."""

    def __del__(self) -> None:
        pass


@contextmanager
def connected(name: str, options: str | None, most: int) -> Iterator[Cluster]:
    """Provide a cluster.

    Args:
        name: the address of a scheduler or the path of its JSON file; or the name of a batch system, or `local`.
        options: of the cluster with a name, NAME=VALUE separated by commas.
        most: the number of threads that it can need.

    Raises:
        UserError: if it cannot be reached or started.
    """
    _silence()
    check_cluster(name, options)
    if _is_address(name):
        with _connected(name) as client:
            place = f"--scheduler-file {typed_path(name)}" if name.endswith(".json") else name
            yield Cluster(client, name, lambda: None, lambda: f"start some with `dask worker {place}`")
        return
    batch = start_batch(name, options or "", most)
    try:
        jobs = Jobs(name, batch.cluster)
        jobs.start(batch.jobs)
        with _client(batch.cluster) as client:
            yield Cluster(client, name, jobs.refill, jobs.describe)
    finally:
        with suppress(OSError, TimeoutError, AssertionError):
            batch.cluster.close(timeout=_END_TIMEOUT)


def check_cluster(name: str, options: str | None) -> None:
    """Check the arguments of `connected` without a connection.

    Raises:
        UserError: names what is wrong, and what is allowed.
    """
    if not _is_address(name):
        check_batch(name, options or "")
        return
    if options is not None:
        raise UserError(f"--cluster-options are for a cluster that starts here, and {name} runs already")
    address = _address_in(name) if name.endswith(".json") else name
    found = _ADDRESS.fullmatch(address)
    if found is None or not 1 <= int(found["port"]) <= 65535:
        raise UserError(f"{address} is not the address of a scheduler: write tcp://HOST:PORT or tls://HOST:PORT")
    if found["scheme"] in ("tls", "wss"):
        _check_certificates(address)


def _is_address(name: str) -> bool:
    return ":" in name or name.endswith(".json")


def _address_in(name: str) -> str:
    """Read the address in the file of a scheduler."""
    if not Path(name).is_file():
        raise UserError(f"there is no file {name} of a scheduler of Dask's")
    try:
        return str(json.loads(Path(name).read_bytes())["address"])
    except (OSError, ValueError, TypeError, KeyError):
        raise UserError(f"{name} names no address of a scheduler of Dask's") from None


def _check_certificates(address: str) -> None:
    try:
        if Security().get_connection_args("client")["ssl_context"] is not None:
            return
        reason = "there are none"
    except (OSError, ValueError, TypeError) as error:
        reason = str(error)
    raise UserError(
        f"{address} needs certificates: distributed.comm.tls.ca-file, .client.cert and .client.key in Dask's"
        f" configuration ({reason})"
    )


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Provide a client of a scheduler that runs."""
    place = {"scheduler_file": address} if address.endswith(".json") else {"address": address}
    try:
        client = _connect(place)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError, ImportError) as error:
        reason = f"within {_TIMEOUT:.0f} s" if isinstance(error, OSError | TimeoutError) else f"({error})"
        advice = "start one with `dask scheduler`, or correct the address"
        raise UserError(f"no scheduler of Dask's answers at {address} {reason}: {advice}") from None
    with _closing(client):
        check_versions(client)
        yield client


def _connect(place: dict[str, str]) -> Client:
    """Connect in a thread: the client would wait without end for another server than Dask's that says nothing."""
    connected: Future[Client] = Future()

    def connect() -> None:
        try:
            connected.set_result(_QuietClient(**place, timeout=_TIMEOUT, set_as_default=False))  # type: ignore[no-untyped-call]
        except BaseException as error:
            connected.set_exception(error)

    threading.Thread(target=connect, daemon=True).start()
    return connected.result(_TIMEOUT + 1)


@contextmanager
def _client(cluster: SpecCluster) -> Iterator[Client]:
    with _closing(_QuietClient(cluster, timeout=_TIMEOUT, set_as_default=False)) as client:  # type: ignore[no-untyped-call]
        yield client


@contextmanager
def _closing(client: Client) -> Iterator[Client]:
    try:
        yield client
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=5)


def _silence() -> None:
    """Let Dask print nothing: the sweep says what a person needs to know."""
    for name in ("distributed", "tornado", "asyncio", "dask", "dask_jobqueue", "bokeh"):
        for logger in [name, *(each for each in logging.root.manager.loggerDict if each.startswith(f"{name}."))]:
            logging.getLogger(logger).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module="distributed")
    warnings.filterwarnings("ignore", module="dask_jobqueue")
