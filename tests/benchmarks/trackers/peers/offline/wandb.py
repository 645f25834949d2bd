"""Weights & Biases, offline; only its service makes tables, but a command shows the records of a run."""

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.trackers.inside.work import Work

READER = ()


def record(work: Work) -> None:
    """Write a run into wandb/."""
    import wandb

    with wandb.init(project="example", mode="offline", config={"seed": 1, "hidden": 64}) as run:
        work(lambda step, values: run.log(dict(values), step=step))


def count() -> int:
    """Count the points of all runs."""
    points = 0
    for file in Path("wandb").glob("offline-run-*/*.wandb"):
        command = [str(Path(sys.executable).with_name("wandb")), "leet", "inspect", "--json", str(file)]
        output = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
        records = [json.loads(line) for line in output.splitlines()]
        items = [record["history"]["item"] for record in records if record["type"] == "history"]
        points += sum(name.startswith("train/") for item in items for name in item)
    return points
