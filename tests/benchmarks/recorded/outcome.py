"""Starts small runs, and reads which of their points arrived in MongoDB."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo

from experiments.recording.layout import ROOT


@dataclass(frozen=True)
class Outcome:
    """The points of one run.

    Attributes:
        logged: how many points the run logged.
        stored: their steps in MongoDB.
        status: of the run, on disk and in MongoDB.
        end: seconds from the last point to the end of the process, if it was measured.
    """

    logged: int
    stored: list[int]
    status: tuple[str, str]
    end: float | None = None

    @property
    def is_complete(self) -> bool:
        """Whether MongoDB has all points, in their order, once each."""
        return self.stored == list(range(len(self.stored))) and len(self.stored) >= self.logged

    def format(self, name: str) -> str:
        """Format a line for a scenario."""
        found = "all, in order, once" if self.is_complete else "INCOMPLETE"
        on_disk, in_mongodb = self.status
        line = (
            f"{name:26} logged {self.logged:7}  stored {len(self.stored):7}  {found}"
            f"  {on_disk}, in MongoDB {in_mongodb}"
        )
        return line if self.end is None else f"{line}, ended {self.end:.1f} s after its last point"


def start_run(runs: Path, url: str, points: int, seconds: float, *further: str) -> "subprocess.Popen[str]":
    """Start a run that logs points in a process of its own; further arguments are those of small_run."""
    module = "tests.benchmarks.recorded.small_run"
    command = [sys.executable, "-m", module, str(runs), url, str(points), str(seconds), *further]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_observers(*arguments: str) -> None:
    """Run `python -m observers`."""
    subprocess.run([sys.executable, "-m", "observers", *arguments], cwd=ROOT, capture_output=True)


def read_outcome(runs: Path, url: str, logged: int, end: float | None = None) -> Outcome:
    """Read the first run from the directory and from the database."""
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        database: Any = client.get_default_database()
        run = database.runs.find_one() or {}
        metric = database.metrics.find_one({"run_id": run.get("_id")}) or {"steps": []}
    stored = json.loads((runs / "1" / "run.json").read_text())["status"]
    return Outcome(logged, metric["steps"], (stored, run.get("status", "missing")), end)
