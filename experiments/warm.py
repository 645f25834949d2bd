"""An executor that forks each call from a process that has imported everything before.

TensorFlow takes seconds to import. A server of multiprocessing (`forkserver`) does it once, and each call is a fork of
it: a process of its own, as fresh as one that was started alone.
"""

import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

HEEDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a sweep, and each of its runs."""

_BLOCKED = (signal.SIGINT, signal.SIGHUP)


class ProcessDiedError(Exception):
    """The process of a call ended without an answer."""


class WarmExecutor(Executor):
    """Calls functions, each in a fork of its own.

    Calls that run at once share the processors out among them, so that none waits for another where there are enough.
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
        self._lock = threading.Lock()
        self._living: set[int] = set()
        self._stopped_by: int | None = None
        multiprocessing.resource_tracker.ensure_running()  # at first, since it unblocks what it has blocked
        with _blocked():  # a terminal sends them to the server as well, which takes the mask over
            multiprocessing.forkserver.ensure_running()
        self._threads = ThreadPoolExecutor(jobs)
        self._shares: SimpleQueue[set[int]] = SimpleQueue()
        for share in shares_of(sorted(os.sched_getaffinity(0)), jobs):
            self._shares.put(share)

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function when there is room for another process."""
        return self._threads.submit(self._call, function, args, kwargs)

    def stop(self, number: int) -> None:
        """Send a signal to every process that a call runs in, and begin no other; not from a handler of signals."""
        with self._lock:
            self._stopped_by = number
            for pid in self._living:
                _send(pid, number)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and wait for those that there are."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if kind is not None:
            self.stop(signal.SIGTERM)
        self.shutdown(cancel_futures=kind is not None)

    def _call(self, function: Callable[..., T], args: Any, kwargs: Any) -> T:
        if self._stopped_by is not None:
            raise CancelledError
        reader, writer = self._context.Pipe(duplex=False)
        share = self._shares.get()
        process = self._context.Process(target=_answer, args=(writer, share, self._heeded, function, args, kwargs))
        pid: int | None = None
        try:
            with writer:
                process.start()
            pid = reader.recv()  # signals reach it from now on
            with self._lock:
                self._living.add(pid)
                if self._stopped_by is not None:
                    _send(pid, self._stopped_by)
            returned, value = reader.recv()
        except (EOFError, OSError) as error:
            if pid is None and self._stopped_by is not None:
                raise CancelledError from None
            if process.pid is None:
                raise ProcessDiedError(f"its process could not be started: {error or 'the server is gone'}") from error
            process.join()
            raise ProcessDiedError(f"its process ended with exit status {process.exitcode}") from None
        finally:
            with self._lock:
                self._living.discard(process.pid or 0)
            reader.close()
            self._shares.put(share)
        process.join()
        if not returned:
            raise value
        result: T = value
        return result


def shares_of(processors: Sequence[int], jobs: int) -> list[set[int]]:
    """Share processors out among jobs: each has one at least, with others where there are more jobs."""
    return [set(processors[job % len(processors) :: jobs]) for job in range(jobs)]


def _answer(
    writer: Connection,
    share: Iterable[int],
    heeded: Sequence[int],
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Any,
) -> None:
    """Call a function and send what it returns, or raises; in the process of the call."""
    os.setpgid(0, 0)  # a terminal's Ctrl-C is for the sweep, which hands it on once
    for number in heeded:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _BLOCKED)
        os.sched_setaffinity(0, share)
        writer.send(os.getpid())
        answer = (True, function(*args, **kwargs))
    except BaseException as error:
        answer = (False, error)
    writer.send(answer)


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        os.kill(pid, number)


@contextmanager
def _blocked() -> Iterator[None]:
    """Let signals wait; none is lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _BLOCKED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
