"""The process beside a worker of Dask's that has the project: each call of a sweep is a fork with all imports done.

`remote` starts it, as `python -m experiments.sweeps.cluster.host DESCRIPTOR`, and talks to it over that descriptor.
"""

import importlib.util
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import FrameType
from typing import Any

from experiments.cli.errors import line_of
from experiments.pipeline.errors import UserError
from experiments.pipeline.interrupts import handle_stop_signals
from experiments.sweeps.cluster.attempt import GRACE, Share, attempt, continue_run
from experiments.sweeps.cluster.place import Place, Sweep, find_place, package_versions
from experiments.sweeps.executors.fork_executor import ForkExecutor
from experiments.sweeps.executors.worker import Outcome, Request
from observers.program import STOP_SIGNALS
from observers.redaction import redact

_IDLE = 600.0  # seconds without a call after which the host ends; the next call starts another


class Host:
    """Runs the calls that come over a connection, and answers them."""

    def __init__(self, connection: Connection, executor: ForkExecutor, place: Place, threads: int) -> None:
        """Serve a connection.

        Args:
            connection: to the worker.
            executor: runs the calls.
            place: where the runs go.
            threads: the number of calls that the worker runs at once.
        """
        self._threads = threads
        self._connection = connection
        self._executor = executor
        self._place = place
        self._lock = threading.Lock()
        self._permits: dict[str, SimpleQueue[bool]] = {}
        self._stopped_by: int | None = None
        self._is_leaving = False

    def serve(self) -> None:
        """Serve until the connection ends, the runs are told to end, or no call has come for long."""
        is_open = True
        while is_open:
            is_open = self._take_message() if self._connection.poll(_IDLE) else bool(self._permits)
        for permit in list(self._permits.values()):
            permit.put(False)

    def leave(self, number: int, frame: FrameType | None = None) -> None:
        """End the runs, which are resumed elsewhere; a handler of signals."""
        self._is_leaving = True
        threading.Thread(target=self._stop, args=(number,)).start()  # it takes a lock

    def _take_message(self) -> bool:
        """Do what a message says; return whether another one may come."""
        try:
            kind, *content = self._connection.recv()
        except (EOFError, OSError):  # the worker has died
            time.sleep(GRACE)
            self._stop(signal.SIGINT)
            return False
        if kind == "leave":
            self.leave(signal.SIGTERM)
        elif kind == "stop":
            self._stop(content[0])
        elif kind in ("go", "drop"):
            self._permits[content[0]].put(kind == "go")
        elif kind == "run" and self._is_leaving:  # a signal has said so, but not to the worker: it starts another host
            return False
        elif kind == "run":
            self._permits[content[0]] = SimpleQueue()
            threading.Thread(target=self._run, args=content).start()
        return kind != "leave"

    def _stop(self, number: int) -> None:
        self._stopped_by = number
        self._executor.stop(number)

    def _run(self, key: str, pickled: bytes, threads: int, attempts: Sequence[Mapping[str, Any]]) -> None:
        """Run a call, and answer it."""
        answer: tuple[str, Any]
        try:
            request = self._place.adapt(pickle.loads(pickled))
            found = continue_run(request, attempts, self._place.runs, lambda: self._stopped_by is not None)
            outcome = found if isinstance(found, Outcome) else self._train(key, found, self._share(threads))
            answer = "outcome", pickle.dumps(self._place.show(outcome))
        except CancelledError:
            answer = "cancelled", None
        except KeyboardInterrupt:
            answer = "interrupted", None
        except Exception as error:
            answer = "failed", redact(line_of(error))
        del self._permits[key]
        self._send(key, *(("left", None) if self._is_leaving else answer))

    def _train(self, key: str, request: Request, share: Share) -> Outcome:
        ours, theirs = Pipe()
        with ours:
            future = self._executor.submit(attempt, request, share, theirs)
            future.add_done_callback(lambda _: theirs.close())
            try:
                self._send(key, "begun", ours.recv())
            except EOFError:
                return future.result()
            if self._permits[key].get():
                with suppress(OSError):  # a signal has ended the process
                    ours.send("go")
            else:
                ours.close()
            return future.result()

    def _share(self, threads: int) -> Share:
        """Share the threads of this worker; a run of one has its own processor if only this worker uses them."""
        threads = min(threads, self._threads)  # there may be many workers of few threads
        processors = os.sched_getaffinity(0)
        is_own = threads == 1 and len(processors) <= self._threads
        return Share(threads, None if is_own else frozenset(processors))

    def _send(self, *message: Any) -> None:
        with self._lock:
            try:
                self._connection.send(message)
            except OSError:  # the worker has died, which the other thread sees as well
                return


def main(descriptor: int) -> None:
    """Serve a worker over a descriptor."""
    connection = Connection(descriptor)
    pickled, threads = connection.recv()
    sweep: Sweep = pickle.loads(pickled)
    try:
        _check_packages(sweep.packages)
        place = find_place(sweep)
    except UserError as error:
        connection.send(redact(line_of(error)))
        return
    host: Host | None = None

    def handle(number: int, frame: FrameType | None) -> None:
        if host is not None:
            host.leave(number)

    with (
        handle_stop_signals(handle, STOP_SIGNALS),
        ForkExecutor(threads, sweep.modules) as executor,
    ):
        host = Host(connection, executor, place, threads)
        connection.send(None)
        host.serve()


def _check_packages(wanted: Mapping[str, str]) -> None:
    """Raise UserError if a package that runs need is missing, or has another version than the submitter's."""
    missing = [name for name in ("tensorflow", "sacred", "psutil") if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(f"{sys.executable} lacks {missing[0]}: install the project there, pip install -e .")
    found = package_versions()
    for name in sorted(wanted.keys() & found.keys()):
        if found[name] != wanted[name]:
            raise UserError(
                f"{sys.executable} has {name} {found[name]}, and this machine {wanted[name]}, which may change"
                " results: install the project there, pip install -c constraints.txt -e ."
            )


if __name__ == "__main__":
    main(int(sys.argv[1]))
