"""What one more run costs in a directory of many, without its training: sides of `tests.benchmarks.ten_thousand`.

python -m tests.benchmarks.recorded.among_many start RUN RUNS | end RUNS COUNT | deliver RUNS URL
"""

import json
import os
import pty
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from pymongo.monitoring import CommandListener, CommandStartedEvent

from experiments.sweeps.executors.worker import Outcome
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.planning.store import Match, State
from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.results import format_table
from experiments.sweeps.runner import PlannedRuns, run_all
from observers.maintenance.sync import deliver
from observers.mongodb.address import read_address
from observers.mongodb.database import Database
from observers.stored_runs.runs_directory import read_runs, run_directories
from observers.stored_runs.stored_run import read_run
from tests.benchmarks.measuring.comparison import Figures
from tests.benchmarks.recorded.untrained import record

_STARTS = 11
_VARIED = ("hidden", "learning_rate", "seed")
_QUERIES = ("find", "aggregate", "update", "delete", "count", "distinct", "findAndModify")
_OF_SESSION = ("lsid", "$db", "$clusterTime", "txnNumber", "writeConcern", "ordered", "$readPreference")


def measure_start(run: str, runs: str) -> Figures:
    """Record a few runs; return the median of the processor time of one."""
    original, spent = read_run(Path(run)), []
    for number in range(_STARTS):
        before = time.process_time()
        record(original, Path(runs), [{"seed": 10**6 + number}])
        spent.append(time.process_time() - before)
    return {"cpu": statistics.median(spent)}


def measure_end(runs: str, count: str) -> Figures:
    """Let a sweep of recorded runs end at once, with its lines, progress bar and table on a terminal."""
    stored = list(read_runs(Path(runs), lambda _: None))[: int(count)]
    planned = [PlannedRun(run.config, (), (), Match(State.MISSING), run.config, any_seed=False) for run in stored]
    outcomes = {id(run): Outcome(0, found, "") for run, found in zip(planned, stored, strict=True)}

    def submit(run: PlannedRun) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(outcomes[id(run)])
        return future

    source, standard = PlannedRuns(planned), [os.dup(number) for number in (1, 2)]
    spent, before = [0.0, 0.0], time.process_time()
    for number, terminal in _open_terminal().items():
        os.dup2(terminal, number)
    printer = ResultPrinter(len(planned), _VARIED)
    run_all(submit, source, printer, slots=lambda: 2, stop=lambda _: None, on_start=lambda: None)
    spent[0], before = time.process_time() - before, time.process_time()
    print(format_table(source.results, _VARIED), flush=True)
    spent[1] = time.process_time() - before
    for number, file in enumerate(standard, 1):
        os.dup2(file, number)
    return {"lines": spent[0], "table": spent[1]}


def measure_delivery(runs: str, url: str) -> Figures:
    """Deliver the last run into a database of many; count its queries, and what they look at."""
    noted = _Queries()
    run = read_run(run_directories(Path(runs))[-1])
    database = Database(read_address(url), timeout=60, listeners=[noted])
    before = time.process_time()
    delivery = deliver(run, database, print)
    seconds = time.process_time() - before
    queries = list(noted.found)
    explained = [database.runs.database.command("explain", query, verbosity="executionStats") for query in queries]
    database.close()
    if delivery is None or not delivery.complete:
        raise RuntimeError(f"{run.directory} was not delivered")
    return {
        "cpu": seconds,
        "queries": len(queries),
        "scans": sum(_examined(each) > 1 and '"COLLSCAN"' in json.dumps(each, default=str) for each in explained),
        "documents": max(map(_examined, explained)),
    }


class _Queries(CommandListener):
    """Notes the commands that look for documents, as `explain` takes them."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in _QUERIES:
            command = {name: value for name, value in event.command.items() if name not in _OF_SESSION}
            self.found.append(command)

    def succeeded(self, event: Any) -> None:
        """Do nothing."""

    def failed(self, event: Any) -> None:
        """Do nothing."""


def _examined(explained: Any) -> int:
    """Return the number of documents that the largest stage of a query has looked at."""
    if isinstance(explained, dict):
        own = explained.get("totalDocsExamined", 0)
        return max([own, *map(_examined, explained.values())])
    return max(map(_examined, explained), default=0) if isinstance(explained, list) else 0


def _open_terminal() -> dict[int, int]:
    """Open a terminal that nobody looks at; return it in place of standard output and error."""
    controller, terminal = pty.openpty()

    def drain() -> None:
        while os.read(controller, 1 << 16):
            pass

    threading.Thread(target=drain, daemon=True).start()
    return {1: terminal, 2: terminal}


_SIDES: dict[str, Callable[..., Figures]] = {
    "start": measure_start,
    "end": measure_end,
    "deliver": measure_delivery,
}

if __name__ == "__main__":
    print(json.dumps(_SIDES[sys.argv[1]](*sys.argv[2:])))
