"""Runs what a source of runs hands out, one run in each free place, and forwards signals to them."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from typing import Protocol

from experiments.pipeline.interrupts import handle_stop_signals
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.executors.worker import Outcome
from experiments.sweeps.planning.in_mongodb import host_of
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.planning.store import State
from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.results import RunResult
from observers.mongodb.reading.runs import RunInMongoDB
from observers.stored_runs.failure import failure_reason
from observers.stored_runs.runs_directory import COMMON
from observers.system.untrusted.equal_parts import EqualParts

_UNRECORDED = "interrupted before it was recorded"
_CANCELLED = "its executor has cancelled it"
_LOOK = 1.0  # seconds after which to look for places that have become free elsewhere


class RunSource(Protocol):
    """Hands out the runs of a sweep, one for each free place, and learns how they end."""

    def take(self) -> PlannedRun | None:
        """Return the next run; None if there is none. It is asked again when a run has ended."""

    def end(self, run: PlannedRun, result: RunResult) -> None:
        """Learn how a run has ended."""


class PlannedRuns:
    """Hands out the runs of a plan in its order, but those that are recorded already."""

    def __init__(self, planned: Sequence[PlannedRun]) -> None:
        """Keep a plan."""
        self._planned = planned
        self._waiting = deque(run for run in planned if run.is_needed)
        self._results: dict[int, RunResult] = {}
        self._common = EqualParts(*COMMON)  # else thousands of results would take a gigabyte

    def take(self) -> PlannedRun | None:
        """Return the next run, None after the last."""
        return self._waiting.popleft() if self._waiting else None

    def end(self, run: PlannedRun, result: RunResult) -> None:
        """Keep the result of a run."""
        if result.run is not None:
            self._common.share(result.run.entry)
        self._results[id(run)] = result

    @property
    def results(self) -> list[RunResult]:
        """The results of all runs that have started or are recorded already, in the order of the plan."""
        found = (self._results.get(id(run), _stored_result(run)) for run in self._planned)
        return [result for result in found if result is not None]


def run_all(
    submit: Callable[[PlannedRun], Future[Outcome]],
    source: RunSource,
    printer: ResultPrinter,
    *,
    slots: Callable[[], int],
    stop: Callable[[int], None],
    on_start: Callable[[], None],
) -> int | None:
    """Run what a source hands out, each run in a process that an executor provides.

    Args:
        submit: gives a run to any executor whose calls do not share a process.
        source: of the runs.
        printer: prints each run as it ends.
        slots: tells how many runs the executor can run at once now.
        stop: sends a signal to the processes of the running calls.
        on_start: is called once signals are forwarded, before a run starts.

    Returns:
        The signal that ended the sweep, if any.

    Raises:
        ClusterError: the executor cannot go on.
    """
    running: dict[Future[Outcome], PlannedRun] = {}
    try:
        with _forward_signals(running, stop) as received:
            on_start()
            while _fill(running, submit, source, slots, received) or running:
                _await_any(running)
                for future in [future for future in running if future.done()]:
                    run = running.pop(future)
                    result = _result_of(run, future, is_stopped=bool(received))
                    if result is not None:
                        source.end(run, result)
                        printer.add(result)
    finally:
        printer.close()
    return next(iter(received), None)


def _fill(
    running: MutableMapping[Future[Outcome], PlannedRun],
    submit: Callable[[PlannedRun], Future[Outcome]],
    source: RunSource,
    slots: Callable[[], int],
    received: Sequence[int],
) -> bool:
    """Start a run in each free place; tell whether there may be more runs without a place."""
    most = slots() if not received else 0
    while not received:
        if len(running) >= most:
            return True
        run = source.take()
        if run is None:
            return False
        running[submit(run)] = run
    return False


def _await_any(running: MutableMapping[Future[Outcome], PlannedRun]) -> None:
    """Wait until a run has ended, for at most a moment."""
    if running:
        wait(running, timeout=_LOOK, return_when=FIRST_COMPLETED)
    else:
        time.sleep(_LOOK / 4)


@contextmanager
def _forward_signals(
    running: MutableMapping[Future[Outcome], PlannedRun], stop: Callable[[int], None]
) -> Iterator[list[int]]:
    """Forward signals to the running calls and cancel the others; yield the list of received signals.

    A thread does the work: the main thread, which signals interrupt, may hold a lock that the work needs.
    """
    received: list[int] = []
    pending: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def forward() -> None:
        while (number := pending.get()) is not None:
            received.append(number)
            for future in list(running):
                future.cancel()
            stop(number)

    thread = threading.Thread(target=forward, daemon=True)
    thread.start()
    try:
        with handle_stop_signals(lambda number, _: pending.put(number)):
            yield received
    finally:
        pending.put(None)
        thread.join()


def _result_of(planned: PlannedRun, future: Future[Outcome], *, is_stopped: bool) -> RunResult | None:
    """Return the result of a call, None if it was cancelled because the sweep is stopped."""
    try:
        outcome = future.result()
    except CancelledError:
        return None if is_stopped else RunResult(planned.values, None, _CANCELLED)
    except KeyboardInterrupt:
        return RunResult(planned.values, None, _UNRECORDED)
    except ClusterError:
        raise
    except Exception as error:
        return RunResult(planned.values, None, str(error) or repr(error))
    return RunResult(planned.values, outcome.run, _error_of(outcome), outcome.stderr, outcome.place)


def _error_of(outcome: Outcome) -> str | None:
    """Return why a run failed or is not finished, None if it completed, diverged or was pruned."""
    if outcome.exit_status == 0:
        return None
    run = outcome.run
    if outcome.exit_status > 128:
        return run.status if run is not None else _UNRECORDED
    printed = outcome.stderr.splitlines() or [f"exit status {outcome.exit_status}"]
    reason = (run and failure_reason(run.entry.get("fail_trace"))) or printed[-1]
    return f"{run.status if run is not None else 'refused'}: {reason}"


def _stored_result(planned: PlannedRun) -> RunResult | None:
    if planned.is_needed:
        return None
    run = planned.match.run
    if planned.match.state is State.DONE or run is None:
        return RunResult(planned.values, run)
    reason = f"runs on {host_of(run.entry.get('host'))}" if isinstance(run, RunInMongoDB) else "still running"
    return RunResult(planned.values, run, reason, goes_on=True)
