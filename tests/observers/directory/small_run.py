"""A run that needs no TensorFlow, for tests that disturb it from outside.

    python -m tests.observers.directory.small_run RUNS [SECONDS]

It logs eight points over the seconds, adds an artifact, and prints. The exit status is 1 if its record is not whole.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from sacred import SETTINGS, Experiment
from sacred.run import Run

from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver

POINTS = 8


def main(
    runs: Path,
    seconds: float,
    *,
    points: int = POINTS,
    artifact: str = __file__,
    on_point: Callable[[], None] = lambda: None,
) -> int:
    """Record a run; return the exit status.

    Args:
        runs: the directory of the runs.
        seconds: over which the points are logged.
        points: how many.
        artifact: the path of a file.
        on_point: called after each point.
    """
    SETTINGS.CAPTURE_MODE = "no"
    experiment = Experiment("small", base_dir=str(Path(__file__).parent), save_git_info=False)
    observer = RunDirectoryObserver(runs, copy_output=True)
    experiment.observers.append(observer)
    experiment.add_config(hidden=8)

    @experiment.pre_run_hook
    def log_at_once(_run: Run) -> None:
        log_points_at_once(_run)

    @experiment.main
    def log(_run: Run) -> float:
        for step in range(points):
            _run.log_scalar("train/loss", step / 7, step)
            on_point()
            time.sleep(seconds / points)
        _run.info["best_step"] = 20
        _run.add_artifact(artifact, "model.bin")
        print("measured")
        return 0.75

    experiment.run(options={"--beat-interval": 0.1, "--loglevel": "CRITICAL"})
    return int(bool(observer.unrecorded))


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), float((sys.argv[2:] or ["0"])[0])))
    except Exception as error:  # in one line, as the command line of an experiment does
        sys.exit(str(error))
