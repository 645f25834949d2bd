"""Neptune, offline; only its service reads runs, but its queue gives back what it would upload."""

from collections.abc import Mapping
from pathlib import Path
from threading import RLock

from tests.benchmarks.trackers.inside.work import Work

READER = ()


def record(work: Work) -> None:
    """Write a run into .neptune/."""
    import neptune

    run = neptune.init_run(mode="offline")
    run["parameters"] = {"seed": 1, "hidden": 64}

    def log(step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            run[name].append(value, step=step)

    work(log)
    run.stop()


def count() -> int:
    """Count the points of all runs."""
    from neptune.core.components.queue.disk_queue import DiskQueue
    from neptune.internal.operation import LogFloats, Operation

    points = 0
    for run in Path(".neptune/offline").iterdir():
        queue = DiskQueue(
            data_path=run, to_dict=lambda each: each.to_dict(), from_dict=Operation.from_dict, lock=RLock()
        )
        while (element := queue.get()) is not None:
            if isinstance(element.obj, LogFloats) and element.obj.path[0] == "train":
                points += len(element.obj.values)
    return points
