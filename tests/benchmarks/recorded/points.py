"""A run that does nothing but log points: the side of `tests.benchmarks.run_end`.

    python -m tests.benchmarks.recorded.points POINTS RUNS [URL]

It prints as JSON the seconds that logging and the end took, from the last point until the run is recorded and the wait
for MongoDB is over.
"""

import itertools
import json
import random
import sys
import time

from sacred import SETTINGS, Experiment
from sacred.run import Run

from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver
from observers.mongodb.address import read_address
from observers.mongodb.live import LiveDeliveryObserver


def main(points: int, runs: str, url: str = "") -> None:
    """Log points of two metrics, and print the figures."""
    SETTINGS.CAPTURE_MODE = "no"
    experiment = Experiment("points", save_git_info=False)
    directory = RunDirectoryObserver(runs)
    delivery = LiveDeliveryObserver(directory, read_address(url)) if url else None
    experiment.observers += [directory, *([delivery] if delivery is not None else [])]
    clocks: list[tuple[float, float]] = []

    @experiment.pre_run_hook
    def log_at_once(_run: Run) -> None:
        log_points_at_once(_run)

    @experiment.main
    def log(_run: Run) -> None:
        clocks.append((time.perf_counter(), time.process_time()))
        for step in range(points // 2):
            _run.log_scalar("train/loss", random.random(), step)
            _run.log_scalar("train/accuracy", random.random(), step)
        clocks.append((time.perf_counter(), time.process_time()))

    experiment.run(options={"--loglevel": "CRITICAL"})
    if delivery is not None:
        delivery.join()
    clocks.append((time.perf_counter(), time.process_time()))
    (_, logging), (wall, processor) = (
        (after[0] - before[0], after[1] - before[1]) for before, after in itertools.pairwise(clocks)
    )
    print(json.dumps({"logging": logging, "end": wall, "end_processor": processor}))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
