"""Runs sweeps, and measures them together with their runs."""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.measuring.comparison import Figures
from tests.benchmarks.measuring.processes import Finished, run_python

TINY = ["max_steps=2", "evaluate_every=2", "data_size=40", "hidden=4"]
"""The config of runs that only check that a benchmark works."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """Let the command line set config entries of all runs."""
    parser.add_argument("--config", nargs="*", default=[], metavar="NAME=VALUE", help="of every run")


def run_sweep(*arguments: str) -> Figures:
    """Run a sweep in a directory of its own; its processor time includes that of the runs, which others start for it.

    Args:
        arguments: of sweep.py.

    Returns:
        `wall` and `cpu` in seconds, and `results`, equal for sweeps whose runs have the same results.

    Raises:
        RuntimeError: if a run is not completed.
    """
    figures, runs_cpu = _measure(lambda directory: run_python("experiments/sweep.py", *arguments, "-F", directory))
    return {**figures, "cpu": figures["cpu"] + runs_cpu}


def run_children(run: Callable[[str], Finished]) -> Figures:
    """Call a function that runs commands in a directory and waits for them; returns the same as run_sweep."""
    return _measure(run)[0]


def _measure(run: Callable[[str], Finished]) -> tuple[Figures, float]:
    with tempfile.TemporaryDirectory() as directory:
        done = run(directory)
        entries = _read(directory, "run.json")
        if {entry["status"] for entry in entries} != {"COMPLETED"}:
            raise RuntimeError(f"{directory}: {sorted(entry['status'] for entry in entries)}")
        results = hash(tuple(sorted(entry["result"] for entry in entries)))
        runs_cpu = sum(info["cpu_seconds"] for info in _read(directory, "info.json"))
        return {"wall": done.wall, "cpu": done.cpu, "results": results}, runs_cpu


def _read(directory: str, name: str) -> Sequence[dict]:
    return [json.loads(path.read_text()) for path in Path(directory).glob(f"[0-9]*/{name}")]
