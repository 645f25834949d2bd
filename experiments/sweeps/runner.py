"""Runs the planned runs of a sweep on an executor, prints each as it ends, and forwards signals to them."""

import queue
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TextIO

from tqdm import tqdm

from experiments.pipeline.interrupts import handle_stop_signals
from experiments.sweeps.plan import PlannedRun
from experiments.sweeps.results import RunResult, label
from experiments.sweeps.worker import Outcome
from observers.stored_runs.failure import failure_reason
from observers.stored_runs.stored_run import read_run

_UNRECORDED = "interrupted before it was recorded"


class ResultPrinter:
    """Prints a line for each run as it ends, and a progress bar on a terminal."""

    def __init__(self, total: int, varied: Sequence[str]) -> None:
        """Print the results of `total` runs that differ in the `varied` config entries."""
        self._varied = varied
        self._total = total
        self._count = 0
        self._warnings: set[str] = set()
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm(
                total=total,
                leave=False,
                dynamic_ncols=True,
                mininterval=0,
                smoothing=0.1,
                bar_format="{percentage:3.0f}% {bar} {n_fmt}/{total_fmt} runs, {remaining} left",
            )

    def add(self, result: RunResult) -> None:
        """Print a run that has ended, and its warnings but those that an earlier run has given already."""
        self._count += 1
        place = f"{self._count:>{len(str(self._total))}}/{self._total}"
        self._print(f"{place}  {_line(result, self._varied)}", sys.stdout)
        for warning in result.stderr.splitlines() if result.error is None else ():
            if warning not in self._warnings:
                self._warnings.add(warning)
                self._print(f"{result.location}: {warning}", sys.stderr)
        if self._bar is not None:
            self._bar.update()

    def close(self) -> None:
        """Remove the progress bar."""
        if self._bar is not None:
            self._bar.close()

    def _print(self, line: str, stream: TextIO) -> None:
        if self._bar is None:
            print(line, file=stream, flush=True)
        else:
            self._bar.write(line, file=stream)


def run_all(
    executor: Executor,
    train: Callable[[Sequence[str]], Outcome],
    planned: Sequence[PlannedRun],
    printer: ResultPrinter,
    stop: Callable[[int], None] | None = None,
    on_start: Callable[[], None] = lambda: None,
) -> tuple[list[RunResult | None], int | None]:
    """Run what is planned, each run in a process that the executor provides.

    Args:
        executor: any executor whose calls do not share a process.
        train: trains with the arguments of a command line.
        planned: the runs.
        printer: prints each run as it ends.
        stop: sends a signal to the processes of the running calls, None if the executor cannot.
        on_start: is called once signals are forwarded, before a run starts.

    Returns:
        The result of each run, None for a run that did not start; and the signal that ended the sweep, if any.
    """
    results: list[RunResult | None] = [None for _ in planned]
    futures: dict[Future[Outcome], int] = {}
    with _forward_signals(futures, stop) as received:
        on_start()
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
        return RunResult(planned.values, None, _UNRECORDED)
    except Exception as error:
        return RunResult(planned.values, None, str(error) or repr(error))
    run = None
    if outcome.directory is not None:
        with suppress(ValueError, OSError):
            run = read_run(outcome.directory)
    if outcome.exit_status == 0:
        return RunResult(planned.values, run, stderr=outcome.stderr)
    if outcome.exit_status > 128:
        status = run.status if run is not None else _UNRECORDED
        return RunResult(planned.values, run, status)
    status = run.status if run is not None else "refused"
    printed = outcome.stderr.splitlines() or [f"exit status {outcome.exit_status}"]
    reason = (run and failure_reason(run.entry.get("fail_trace"))) or printed[-1]
    return RunResult(planned.values, run, f"{status}: {reason}")


def _line(result: RunResult, varied: Sequence[str]) -> str:
    return f"{label(result, varied)}  {result.summary}  {result.location}"
