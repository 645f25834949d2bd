"""An executor that runs each call in a fork of a server process with all imports done.

Importing TensorFlow takes seconds. A multiprocessing server (`forkserver`) imports it once and forks itself for each
call, so every call runs in a fresh process that starts in milliseconds.
"""

import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from types import FrameType
from typing import Any, ParamSpec, TypeVar

from experiments.pipeline.interrupts import handled_signals
from observers.program import STOP_SIGNALS

P = ParamSpec("P")
T = TypeVar("T")

_OF_TRACKER = {signal.SIGINT, signal.SIGTERM}  # multiprocessing's resource tracker ignores them


class ProcessDiedError(Exception):
    """The process of a call ended without a result."""


class ForkExecutor(Executor):
    """Runs each call in a process of its own.

    Concurrent calls divide the processors among themselves, so that no call waits for another if there are enough.
    A function, its arguments, its result and its exceptions must be picklable. If a process dies, its call raises
    ProcessDiedError; other calls continue.
    """

    def __init__(self, jobs: int, preload: Sequence[str]) -> None:
        """Start the server.

        Args:
            jobs: the number of concurrent calls.
            preload: names of the modules that the server imports.
        """
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._handled = handled_signals()
        self._lock = threading.Lock()
        self._pids: set[int] = set()
        self._stopped_by: int | None = None
        # Both processes inherit the mask: terminals and batch systems send their signals to them, too.
        with _block_signals(set(STOP_SIGNALS) - _OF_TRACKER):
            multiprocessing.resource_tracker.ensure_running()  # it unblocks those of its own at the end
        with _block_signals(STOP_SIGNALS), _same_search_path():
            multiprocessing.forkserver.ensure_running()
        self._threads = ThreadPoolExecutor(jobs)
        self._shares: SimpleQueue[set[int]] = SimpleQueue()
        for share in divide_processors(sorted(os.sched_getaffinity(0)), jobs):
            self._shares.put(share)

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Schedule a call; it starts when fewer than `jobs` calls are running."""
        return self._threads.submit(self._call, function, args, kwargs)

    def stop(self, number: int) -> None:
        """Send a signal to the process of every running call and start no more calls.

        Do not call this from a signal handler: it takes a lock.
        """
        with self._lock:
            self._stopped_by = number
            for pid in self._pids:
                _send(pid, number)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more calls and wait for the pending ones."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if kind is not None:
            self.stop(signal.SIGTERM)
        self.shutdown(cancel_futures=kind is not None)

    def _call(self, function: Callable[..., T], args: Any, kwargs: Any) -> T:
        if self._stopped_by is not None:
            raise CancelledError
        share = self._shares.get()
        try:
            has_returned, value = self._run_in_process(share, function, args, kwargs)
        finally:
            self._shares.put(share)
        if not has_returned:
            raise value
        result: T = value
        return result

    def _run_in_process(self, share: set[int], *call: Any) -> tuple[bool, Any]:
        reader, writer = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_run_call, args=(writer, share, self._handled, *call))
        pid: int | None = None
        try:
            with writer:
                process.start()
            pid = reader.recv()  # the process receives signals from now on
            with self._lock:
                self._pids.add(pid)
                if self._stopped_by is not None:
                    _send(pid, self._stopped_by)
            answer: tuple[bool, Any] = reader.recv()
        except (EOFError, OSError) as error:
            if pid is None and self._stopped_by is not None:
                raise CancelledError from None
            raise _death_of(process, error) from error
        finally:
            with self._lock:
                self._pids.discard(process.pid or 0)
            reader.close()
        process.join()
        return answer


def divide_processors(processors: Sequence[int], jobs: int) -> list[set[int]]:
    """Divide processors among jobs; jobs share processors if there are more jobs than processors."""
    return [set(processors[job % len(processors) :: jobs]) for job in range(jobs)]


def _run_call(
    writer: Connection,
    share: Iterable[int],
    handled: Sequence[int],
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Any,
) -> None:
    """Run a call in this process, which is a fork of the server, and send its result or exception."""
    os.setpgid(0, 0)  # Ctrl-C on a terminal reaches the sweep alone, which forwards it once

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in handled:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in handled:
        signal.signal(number, interrupt)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        os.sched_setaffinity(0, share)
        writer.send(os.getpid())
        answer = (True, function(*args, **kwargs))
    except BaseException as error:
        answer = (False, error)
    writer.send(answer)


def _death_of(process: BaseProcess, error: Exception) -> ProcessDiedError:
    if process.pid is None:
        return ProcessDiedError(f"the process could not be started: {str(error) or 'the fork server has ended'}")
    process.join()
    return ProcessDiedError(f"the process ended with exit status {process.exitcode}")


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        os.kill(pid, number)


@contextmanager
def _block_signals(numbers: Iterable[int]) -> Iterator[None]:
    """Block signals; they are delivered when the block ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _same_search_path() -> Iterator[None]:
    """Let a Python that starts in this block find modules where this process does, not in the working directory."""
    before = dict(os.environ)
    os.environ.update(PYTHONPATH=os.pathsep.join(sys.path), PYTHONSAFEPATH="1")
    try:
        yield
    finally:
        for name in ("PYTHONPATH", "PYTHONSAFEPATH"):
            os.environ.pop(name)
            if name in before:
                os.environ[name] = before[name]
