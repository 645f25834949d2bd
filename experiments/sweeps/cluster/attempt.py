"""One attempt at a run on a host: it ends with the host, and goes on from the state that an earlier one has kept."""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from experiments.pipeline.processors import THREADS
from experiments.recording.resume import can_be_resumed
from experiments.sweeps.executors.worker import Outcome, Request, train
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import run_directories
from observers.stored_runs.stored_run import StoredRun, read_run
from observers.system.process import this_process

_MOST_DEATHS = 2
_LOOK = 0.2  # seconds between two looks at a run that still saves its state
GRACE = 0.5  # seconds in which a batch system that ends a job has sent its own signal to all processes
_DONE = ("COMPLETED", "DIVERGED", "PRUNED", "FAILED")  # not of planning: a run would record what that imports


@dataclass(frozen=True)
class Share:
    """What a run may use of the processors of its machine.

    Attributes:
        threads: computed at once.
        processors: among which the system chooses; None leaves those that the process has.
    """

    threads: int
    processors: frozenset[int] | None


def attempt(request: Request, share: Share, host: Connection) -> Outcome:
    """Train in this process when the host says so; if the host dies, interrupt the run, which keeps its state.

    Args:
        request: the run.
        share: of the processors.
        host: gets the identity of this process.
    """
    if share.processors is not None:
        os.sched_setaffinity(0, share.processors)
        os.environ[THREADS] = str(share.threads)
    host.send(this_process())
    try:
        host.recv()
    except EOFError:
        raise KeyboardInterrupt from None
    threading.Thread(target=_interrupt_without, args=(host,), daemon=True).start()
    return train(request)


def continue_run(
    request: Request, attempts: Sequence[Mapping[str, Any]], runs: Path, is_stopped: Callable[[], bool]
) -> Outcome | Request:
    """Return how an earlier attempt at a run has ended, or a request that goes on from what the last one has kept.

    An attempt whose worker has died counts as a death, unless it was left or the run was terminated: a batch system or
    a person has stopped the worker. A run with two deaths is given up.

    Args:
        request: the run.
        attempts: the processes of earlier attempts, with the addresses of their workers, and whether they were left.
        runs: the directory of the runs.
        is_stopped: tells whether to wait no longer for an attempt that still runs.
    """
    found = [_find(attempt, runs, is_stopped) for attempt in attempts]
    recorded = [run for run in found if run is not None]
    for run in recorded:
        if run.status in _DONE:
            return Outcome(int(run.status == "FAILED"), run, "")
    deaths = [
        f"{attempt['worker']} on {attempt['hostname']}"
        for attempt, run in zip(attempts, found, strict=True)
        if "left" not in attempt and (run is None or run.status != "TERMINATED")
    ]
    if len(deaths) >= _MOST_DEATHS:
        reason = f"given up: its worker died {len(deaths)} times: {', '.join(deaths)}"
        return Outcome(1, recorded[-1] if recorded else None, reason)
    for run in reversed(recorded):
        if can_be_resumed(run.directory):
            return replace(request, words=[f"resume={run.directory.name}"])
    return request


def _find(attempt: Mapping[str, Any], runs: Path, is_stopped: Callable[[], bool]) -> StoredRun | None:
    """Find the run of an attempt, once it has ended; None if it was not recorded here."""
    process = {name: value for name, value in attempt.items() if name not in ("worker", "left")}
    for directory in reversed(run_directories(runs) if runs.is_dir() else []):
        with suppress(ValueError, OSError):
            run = read_run(directory)
            if run.entry.get("process") == process:
                while run.status == "RUNNING" and is_running(run.entry, directory=directory) and not is_stopped():
                    time.sleep(_LOOK)
                    run = read_run(directory)
                return read_run(directory)
    return None


def _interrupt_without(host: Connection) -> None:
    """Interrupt this process when the host has died, which says nothing otherwise."""
    with suppress(EOFError, OSError):
        host.recv()
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGINT)
