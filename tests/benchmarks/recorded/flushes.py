"""One default training of parity.py that measures its flushes: a side of `tests.benchmarks.flush_cost`.

python -m tests.benchmarks.recorded.flushes STEPS RUNS
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.training.hooks import checkpoints
from experiments.cli.main import run_command_line
from experiments.parity import experiment
from observers.stored_runs.stored_run import read_run


def main(steps: str, runs: str) -> None:
    """Train, and print the figures.

    Raises:
        RuntimeError: if the run fails.
    """
    flushes: list[tuple[bool, float, float]] = []  # whether the main thread flushed, from when on, for how long
    os.fsync = _timed(os.fsync, flushes)
    saves: list[tuple[bool, float, float]] = []
    for name in ("write_state", "set_latest", "sync_checkpoint"):
        setattr(checkpoints, name, _timed(getattr(checkpoints, name), saves))
    began = time.perf_counter()
    if run_command_line(experiment, ["-F", runs, "with", f"max_steps={steps}", f"patience={steps}", "seed=1"]):
        raise RuntimeError("the run has failed")
    whole = time.perf_counter() - began
    newest = max(Path(runs).glob("[0-9]*"), key=lambda run: int(run.name))
    training = read_run(newest).info["seconds"]["training"]
    first, last = saves[0][1], saves[-1][1] + saves[-1][2]
    own = [(start, seconds) for is_main, start, seconds in flushes if is_main]
    figures = {
        "flushes": len(flushes),
        "in_training": sum(seconds for start, seconds in own if first <= start <= last),
        "saving": sum(seconds for _, _, seconds in saves),
        "training": training,
        "in_run": sum(seconds for _, seconds in own),
        "in_threads": sum(seconds for is_main, _, seconds in flushes if not is_main),
        "run": whole,
    }
    print(json.dumps(figures))


def _timed(function: Callable[..., Any], calls: list[tuple[bool, float, float]]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            is_main = threading.current_thread() is threading.main_thread()
            calls.append((is_main, start, time.perf_counter() - start))

    return timed


if __name__ == "__main__":
    main(*sys.argv[1:])
