"""ClearML, offline; only its server reads runs, but the file that it would upload is JSON."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.trackers.inside.work import Work

READER = ()


def record(work: Work) -> None:
    """Write a task into .clearml/cache/ of the home directory."""
    from clearml import Task

    Task.set_offline(True)
    task = Task.init(project_name="example", task_name="example")
    task.connect({"seed": 1, "hidden": 64})
    logger = task.get_logger()

    def log(step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            title, _, series = name.partition("/")
            logger.report_scalar(title, series, value, step)

    work(log)
    task.close()


def count() -> int:
    """Count the points of all tasks."""
    files = Path.home().glob(".clearml/cache/offline/*/metrics.jsonl")
    lines = [line for file in files for line in file.read_text().splitlines()]
    return sum(point["metric"] == "train" for line in lines for point in json.loads(line))
