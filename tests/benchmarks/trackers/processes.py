"""Starts one process of a tracker in a working directory of its own, and returns its figures."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.recording.layout import ROOT
from tests.benchmarks.trackers.catalogue import Tracker
from tests.benchmarks.trackers.environments import find_python

Figures = dict[str, Any]

_QUIET = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "true",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "WANDB_ERROR_REPORTING": "false",
}
_LONGEST = {"make": 3600.0, "paced": 600.0}
_LONGEST_OTHERS = 300.0  # seconds
_LONGEST_POINT = 0.008  # seconds

_NEEDED = {"MLFLOW_ALLOW_FILE_STORE": "true"}  # without it, MLflow refuses its store of files


@dataclass(frozen=True)
class Workplace:
    """Where a tracker works.

    Attributes:
        directory: the working and home directory.
        environments: the directory of the environments; None for that of the project.
        url: of a database for this tracker, empty without a server.
    """

    directory: Path
    environments: Path | None
    url: str = ""

    def start(self, tracker: Tracker, task: str, *numbers: int) -> subprocess.Popen:
        """Start a task of `side`."""
        reads = task in ("count", "count_on_server", "table", "curve")
        python = find_python((tracker.reader if reads else "") or tracker.environment, self.environments)
        figures = str(self._figures(task))
        seconds = _LONGEST.get(task, _LONGEST_OTHERS) + _LONGEST_POINT * sum(numbers)
        launch = [sys.executable, *_module("launch"), figures, str(seconds)]
        side = [python, *_module("inside.side"), figures, tracker.peer, task]
        return subprocess.Popen(
            [*launch, *side, *map(str, numbers)],
            cwd=self.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors(task).open("w"),
        )

    def run(self, tracker: Tracker, task: str, *numbers: int) -> Figures:
        """Run a task to its end.

        Returns:
            Its figures and those of `launch`, with `error` if it failed.
        """
        return self.finish(self.start(tracker, task, *numbers), task)

    def finish(self, process: subprocess.Popen, task: str) -> Figures:
        """Wait for the end of a task; returns the same as `run`."""
        process.wait()
        figures: Figures = json.loads(self._figures(task).read_text())
        if figures["status"] is None:
            figures["error"] = f"hung after {figures['ended'] - figures['began']:.0f} s"
        elif figures["status"] not in (0, -signal.SIGKILL):
            lines = self._errors(task).read_text(errors="replace").strip().splitlines() or ["no message"]
            figures["error"] = lines[-1]
        return figures

    def size(self) -> int:
        """Return the bytes of all files that the tracker has written."""
        return sum(
            path.stat().st_size for path in self.directory.rglob("*") if path.is_file() and not path.is_symlink()
        )

    def _figures(self, task: str) -> Path:
        return self.directory.with_name(f"{self.directory.name}.{task}.json")

    def _errors(self, task: str) -> Path:
        return self.directory.with_name(f"{self.directory.name}.{task}.log")

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        server = {"MONGO_URL": self.url} if self.url else {}
        return {**kept, **_QUIET, **_NEEDED, **server, "HOME": str(self.directory), "PYTHONPATH": str(ROOT)}


def _module(name: str) -> list[str]:
    return ["-W", "ignore", "-m", f"tests.benchmarks.trackers.{name}"]
