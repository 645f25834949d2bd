"""Sacred runs, each in a process of its own, that only log points, as fast as asked for.

    python -m tests.benchmarks.recorded.small_run RUNS URL POINTS SECONDS [PROCESSES]

Each prints the number of logged points at each multiple of 100.
"""

import multiprocessing
import sys
import time
from pathlib import Path

from sacred import SETTINGS, Experiment
from sacred.run import Run

from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver
from observers.mongodb.address import read_address
from observers.mongodb.live import LiveDeliveryObserver

_PARTS = 10  # of the run, each with the mean time of a point
_FIRST = 100_000  # points before the memory is measured for the first time


def main(runs: str, url: str, points: int, seconds: float) -> None:
    """Log points of one metric, evenly over the seconds."""
    SETTINGS.CAPTURE_MODE = "no"
    experiment = Experiment("small", base_dir=str(Path(__file__).parent), save_git_info=False)
    directory = RunDirectoryObserver(runs)
    experiment.observers += [directory, LiveDeliveryObserver(directory, read_address(url))]

    @experiment.pre_run_hook
    def log_at_once(_run: Run) -> None:
        log_points_at_once(_run)

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
    """Return the memory of this process in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    arguments = (sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    if len(sys.argv) == 5:
        main(*arguments)
    else:
        fork = multiprocessing.get_context("fork")
        processes = [fork.Process(target=main, args=arguments) for _ in range(int(sys.argv[5]))]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
