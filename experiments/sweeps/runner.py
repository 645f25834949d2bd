"""Runs the planned runs of a sweep on an executor, and forwards signals to them."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from contextlib import contextmanager, suppress
from types import FrameType

from experiments.pipeline.interrupts import handle_stop_signals
from experiments.sweeps.plan import PlannedRun
from experiments.sweeps.results import ResultPrinter, RunResult
from experiments.sweeps.worker import Outcome
from observers.stored_runs.failure import failure_reason
from observers.stored_runs.stored_run import read_run


def run_all(
    executor: Executor,
    train: Callable[[Sequence[str]], Outcome],
    planned: Sequence[PlannedRun],
    printer: ResultPrinter,
    stop: Callable[[int], None] | None = None,
) -> tuple[list[RunResult | None], int | None]:
    """Run what is planned, each run in a process that the executor provides.

    Args:
        executor: any executor whose calls do not share a process.
        train: trains with the arguments of a command line.
        planned: the runs.
        printer: prints each run as it ends.
        stop: sends a signal to the processes of the running calls, None if the executor cannot.

    Returns:
        The result of each run, None for a run that did not start; and the signal that ended the sweep, if any.
    """
    results: list[RunResult | None] = [None for _ in planned]
    futures: dict[Future[Outcome], int] = {}
    with _forward_signals(futures, stop) as received:
        for place, run in enumerate(planned):
            futures[executor.submit(train, run.arguments)] = place
        for future in as_completed(futures):
            place = futures[future]
            result = results[place] = _result_of(planned[place], future)
            if result is not None:
                printer.add(result)
    printer.close()
    return results, next(iter(received), None)


@contextmanager
def _forward_signals(
    futures: Mapping[Future[Outcome], int], stop: Callable[[int], None] | None
) -> Iterator[list[int]]:
    """Forward signals to the running calls and cancel the others; yield the list of received signals.

    A thread does the work: the main thread, which signals interrupt, may hold a lock that the work needs.
    """
    received: list[int] = []
    pending: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def forward() -> None:
        while (number := pending.get()) is not None:
            received.append(number)
            for future in list(futures):
                future.cancel()
            if stop is not None:
                stop(number)

    def enqueue(number: int, frame: FrameType | None) -> None:
        pending.put(number)

    thread = threading.Thread(target=forward, daemon=True)
    thread.start()
    try:
        with handle_stop_signals(enqueue):
            yield received
    finally:
        pending.put(None)
        thread.join()


def _result_of(planned: PlannedRun, future: Future[Outcome]) -> RunResult | None:
    """Return the result of a call, None if it did not start."""
    try:
        outcome = future.result()
    except CancelledError:
        return None
    except KeyboardInterrupt:
        return RunResult(planned.values, None, "interrupted before it was recorded")
    except Exception as error:
        return RunResult(planned.values, None, str(error) or repr(error))
    run = None
    if outcome.directory is not None:
        with suppress(ValueError, OSError):
            run = read_run(outcome.directory)
    if outcome.exit_status == 0:
        return RunResult(planned.values, run, stderr=outcome.stderr)
    status = run.status if run is not None else "refused"
    if outcome.exit_status > 128:
        return RunResult(planned.values, run, status)
    printed = outcome.stderr.splitlines() or [f"exit status {outcome.exit_status}"]
    reason = (run and failure_reason(run.entry.get("fail_trace"))) or printed[-1]
    return RunResult(planned.values, run, f"{status}: {reason}")
