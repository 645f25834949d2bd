"""One process of a tracker, in its environment and in the working directory: writes a run, or reads runs.

    python -m tests.benchmarks.trackers.inside.side FIGURES PEER TASK [NUMBER ...]

It writes its figures into the file FIGURES, as JSON. It imports the standard library and one peer only.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.trackers.inside.meter import Meter
from tests.benchmarks.trackers.inside.work import log_and_die, log_at_full_speed, log_for_a_time, log_many_metrics

Figures = dict[str, Any]


def main() -> None:
    """Do one task."""
    figures, peer, task, *numbers = sys.argv[1:]
    module = importlib.import_module(f"tests.benchmarks.trackers.peers.{peer}")
    done = TASKS[task](module, *map(int, numbers))
    Path(figures).write_text(json.dumps(done))


def log(peer: Any, points: int) -> Figures:
    """Write a run at full speed."""
    meter = Meter()
    peer.record(log_at_full_speed(meter, points))
    return meter.figures


def kill(peer: Any, points: int) -> Figures:
    """Write a run, and die by SIGKILL after its last point."""
    peer.record(log_and_die(points))
    return {}


def paced(peer: Any, seconds: int) -> Figures:
    """Write a run for some seconds."""
    meter = Meter()
    peer.record(log_for_a_time(meter, seconds))
    return meter.figures


def count(peer: Any) -> Figures:
    """Count the points of all runs."""
    return _count(peer.count)


def count_on_server(peer: Any) -> Figures:
    """Count the points of all runs on the server."""
    return _count(peer.count_on_server)


def _count(count: Callable[[], int]) -> Figures:
    try:
        return {"points": count()}
    except Exception as error:  # what the reader of a tracker cannot read is lost
        return {"points": 0, "error": f"{type(error).__name__}: {error}"}


def make(peer: Any, runs: int, metrics: int, points: int) -> Figures:
    """Write many runs."""
    work = log_many_metrics(metrics, points)
    if hasattr(peer, "make_runs"):
        peer.make_runs(runs, work)
    else:
        for _ in range(runs):
            peer.record(work)
    return {}


def table(peer: Any) -> Figures:
    """Read the last values of every metric of every run."""
    return _read(peer, peer.table)


def curve(peer: Any) -> Figures:
    """Read one metric of every run."""
    return _read(peer, lambda: peer.curve("metric/0"))


def _read(peer: Any, read: Callable[[], int]) -> Figures:
    for name in peer.READER:
        importlib.import_module(name)
    wall, cpu = time.perf_counter(), time.process_time()
    values = read()
    return {"cpu_of_reading": time.process_time() - cpu, "wall": time.perf_counter() - wall, "values": values}


TASKS: dict[str, Callable[..., Figures]] = {
    "log": log,
    "kill": kill,
    "paced": paced,
    "count": count,
    "count_on_server": count_on_server,
    "make": make,
    "table": table,
    "curve": curve,
}


if __name__ == "__main__":
    main()
