"""An executor that forks each call from a process that has imported everything before.

TensorFlow takes seconds to import. A server of multiprocessing (`forkserver`) does it once, and each call is a fork of
it: a process of its own, as fresh as one that was started alone.
"""

import multiprocessing
import multiprocessing.forkserver
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

HEEDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a sweep, and each of its runs."""


class ProcessDiedError(Exception):
    """The process of a call ended without an answer."""


class WarmExecutor(Executor):
    """Calls functions, each in a fork of its own.

    A function, its arguments and what it returns or raises have to be picklable. A call whose process dies has
    ProcessDiedError for its result, and disturbs no other.
    """

    def __init__(self, jobs: int, preload: Sequence[str]) -> None:
        """Start the server.

        Args:
            jobs: how many calls at once.
            preload: modules that it imports.
        """
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._heeded = [number for number in HEEDED if signal.getsignal(number) != signal.SIG_IGN]
        self._lock = threading.RLock()  # a signal may come while another is handed on
        self._living: set[BaseProcess] = set()
        self._stopped = False
        with _ignored((signal.SIGINT, signal.SIGHUP)):  # which a terminal sends to the server as well
            multiprocessing.forkserver.ensure_running()
        self._threads = ThreadPoolExecutor(jobs)

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function when there is room for another process."""
        return self._threads.submit(self._call, function, args, kwargs)

    def stop(self, number: int) -> None:
        """Send a signal to every process that a call runs in, and begin no other."""
        with self._lock:
            self._stopped = True
            for process in self._living:
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(process.pid or 0, number)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and wait for those that there are."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def _call(self, function: Callable[..., T], args: Any, kwargs: Any) -> T:
        reader, writer = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_answer, args=(writer, self._heeded, function, args, kwargs))
        with self._lock:
            if self._stopped:
                raise CancelledError
            process.start()
            self._living.add(process)
        writer.close()
        try:
            returned, value = reader.recv()
        except EOFError:
            process.join()
            raise ProcessDiedError(f"its process ended with exit status {process.exitcode}") from None
        finally:
            with self._lock:
                self._living.discard(process)
        process.join()
        if not returned:
            raise value
        result: T = value
        return result


def _answer(
    writer: Connection, heeded: Sequence[int], function: Callable[..., Any], args: Sequence[Any], kwargs: Any
) -> None:
    """Call a function and send what it returns, or raises; in the process of the call."""
    os.setpgid(0, 0)  # a terminal's Ctrl-C is for the sweep, which hands it on once
    for number in heeded:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:
        answer = (True, function(*args, **kwargs))
    except BaseException as error:
        answer = (False, error)
    writer.send(answer)


@contextmanager
def _ignored(numbers: Sequence[int]) -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
