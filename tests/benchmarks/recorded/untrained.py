"""Records runs of a sweep without training them: the observer writes what a run of the same sources has recorded.

    python -m tests.benchmarks.recorded.untrained RUN RUNS NAME=VALUES...

RUN is the directory of a completed run, RUNS that of the new runs. They differ from RUN in the values of a grid, which
is written as for a sweep. Their models are hard links; nothing is flushed to the disk.
"""

import os
import random
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from experiments.recording.layout import MODEL
from experiments.sweeps.planning.grid import read_grid
from observers.directory.journal_reader import read_points
from observers.directory.observer import RunDirectoryObserver
from observers.stored_runs.liveness import read_time
from observers.stored_runs.stored_run import StoredRun, read_run


def main(run: str, runs: str, *words: str) -> None:
    """Record a run for each point of a grid."""
    os.fsync = _leave
    record(read_run(Path(run)), Path(runs), read_grid(words).points(1, 0))


def record(run: StoredRun, runs: Path, points: Iterable[Mapping[str, Any]]) -> None:
    """Record runs that differ from a completed one in the values of their config, and in how good they are."""
    experiment = run.entry["experiment"]
    digests = {name: Path(copy).stem.rpartition("_")[2] for name, copy in experiment["sources"]}
    described = {**experiment, "sources": list(digests.items())}
    start = read_time(run.entry["start_time"]) or datetime.now()
    seconds = timedelta(seconds=1)
    logged = list(read_points(run.journal))
    for values in points:
        observer = RunDirectoryObserver(runs)
        meta = {**run.entry["meta"], "config_updates": dict(values)}
        observer.started_event(described, "train", run.entry["host"], start, {**run.config, **values}, meta, _id=None)
        accuracy = random.Random(repr(values)).random()
        observer.log_metrics(_columns(logged, accuracy, start), {})
        if observer.directory is not None:
            shutil.copytree(run.directory / MODEL, observer.directory / MODEL, copy_function=os.link)
        for name in run.entry["artifacts"]:
            observer.artifact_event(name, str(run.directory / name))
        info = {**run.info, "best_validation": accuracy}
        observer.heartbeat_event(info, (run.directory / "cout.txt").read_text(), start + seconds, accuracy)
        observer.completed_event(start + seconds, accuracy)


def _leave(fd: object) -> None:
    """Do nothing, in place of os.fsync."""


def _columns(logged: Iterable[Any], accuracy: float, time: datetime) -> dict[str, dict[str, list[Any]]]:
    """Return points as Sacred hands them over, with another accuracy."""
    columns: dict[str, dict[str, list[Any]]] = {}
    for point in logged:
        column = columns.setdefault(point.name, {"steps": [], "values": [], "timestamps": []})
        column["steps"].append(point.step)
        column["values"].append(accuracy if point.name.endswith("/accuracy") else point.value)
        column["timestamps"].append(time)
    return columns


if __name__ == "__main__":
    main(*sys.argv[1:])
