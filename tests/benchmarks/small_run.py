"""A Sacred run of its own process that logs points and nothing else, as fast as asked for.

    python -m tests.benchmarks.small_run RUNS URL POINTS SECONDS

It prints the number of points that it has logged whenever that is a multiple of 100, and what a point has cost.
"""

import sys
import time
from pathlib import Path

from sacred import SETTINGS, Experiment
from sacred.run import Run

from observers.database import read_address
from observers.mongo import LiveDeliveryObserver
from observers.run_directory import RunDirectoryObserver

_PARTS = 10  # of the run, for each of which the time of a point is told
_FIRST = 100_000  # points after which memory is looked at for the first time


def main(runs: str, url: str, points: int, seconds: float) -> None:
    """Log so many points of one metric within so many seconds."""
    SETTINGS.CAPTURE_MODE = "no"
    experiment = Experiment("small", base_dir=str(Path(__file__).parent), save_git_info=False)
    directory = RunDirectoryObserver(runs)
    experiment.observers += [directory, LiveDeliveryObserver(directory, read_address(url))]

    @experiment.pre_run_hook
    def at_once(_run: Run) -> None:
        directory.take_points(_run)

    @experiment.main
    def log(_run: Run) -> float:
        start, spent, resident = time.monotonic(), [0.0] * _PARTS, 0
        for step in range(points):
            before = time.perf_counter()
            _run.log_scalar("train/loss", step / 7, step)
            spent[step * _PARTS // points] += time.perf_counter() - before
            if step == _FIRST:
                resident = _resident()
            if step % 100 == 99:
                print(step + 1, flush=True)
                time.sleep(max(0.0, start + seconds * step / points - time.monotonic()))
        if points > _FIRST:
            _run.info["grown"] = _resident() - resident
        _run.info["seconds_per_point"] = [part * _PARTS / points for part in spent]
        return points

    experiment.run(options={"--beat-interval": 1.0, "--loglevel": "WARNING"})


def _resident() -> int:
    """The memory of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
