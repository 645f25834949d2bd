"""A run that needs no TensorFlow, for tests that disturb it from outside.

    python -m tests.observers.directory.small_run RUNS [SECONDS]

It logs eight points over the seconds, adds an artifact, and prints. The exit status is 1 if its record is not whole.
"""

import sys
import time
from pathlib import Path

from sacred import SETTINGS, Experiment
from sacred.run import Run

from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver

POINTS = 8


def main(runs: Path, seconds: float) -> int:
    """Record a run; return the exit status."""
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
        for step in range(POINTS):
            _run.log_scalar("train/loss", step / 7, step)
            time.sleep(seconds / POINTS)
        _run.info["best_step"] = 20
        _run.add_artifact(__file__, "model.bin")
        print("measured")
        return 0.75

    experiment.run(options={"--beat-interval": 0.1, "--loglevel": "CRITICAL"})
    return int(bool(observer.unrecorded))


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), float((sys.argv[2:] or ["0"])[0])))
    except Exception as error:  # in one line, as the command line of an experiment does
        sys.exit(str(error))
