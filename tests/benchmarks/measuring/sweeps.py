"""Runs sweeps, and measures them with all of their processes."""

import argparse
import ctypes
import json
import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import psutil

from tests.benchmarks.measuring.comparison import Figures
from tests.benchmarks.measuring.processes import Finished, run_python

TINY = ["max_steps=2", "evaluate_every=2", "data_size=40", "hidden=4"]
"""The config of runs that only check that a benchmark works."""

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def add_config(parser: argparse.ArgumentParser) -> None:
    """Let the command line set config entries of all runs."""
    parser.add_argument("--config", nargs="*", default=[], metavar="NAME=VALUE", help="of every run")


def adopt_orphans() -> None:
    """Make this process the parent of those that it, or a process below it, starts and then loses.

    A sweep does not wait for the server whose forks are its runs, and neither does a worker of a cluster.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def run_sweep(*arguments: str) -> Figures:
    """Run a sweep in a directory of its own.

    Args:
        arguments: of sweep.py.

    Returns:
        The same as run_children; `orphans` is the processor time of the servers and their runs.
    """
    return run_children(lambda directory: run_python("experiments/sweep.py", *arguments, "-F", directory))


def run_children(run: Callable[[str], Finished]) -> Figures:
    """Call a function that records runs in a directory.

    Returns:
        `wall` in seconds; `cpu`, the seconds of processor time of all processes; `orphans`, the part of those that
        were lost to this process; and `results`, equal if the runs have the same results.

    Raises:
        RuntimeError: if a run is not completed.
    """
    adopt_orphans()
    with tempfile.TemporaryDirectory() as directory:
        others = _children()
        done = run(directory)
        orphans = _wait_for_others(others)
        entries = [json.loads(path.read_text()) for path in Path(directory).glob("[0-9]*/run.json")]
    if {entry["status"] for entry in entries} != {"COMPLETED"}:
        raise RuntimeError(f"{directory}: {sorted(entry['status'] for entry in entries)}")
    results = hash(tuple(sorted(entry["result"] for entry in entries)))
    return {"wall": done.wall, "cpu": done.cpu + orphans, "orphans": orphans, "results": results}


def _children() -> Sequence[int]:
    return [child.pid for child in psutil.Process().children()]


def _wait_for_others(known: Collection[int]) -> float:
    """Wait for all children but those known; return their processor time, with that of what they have waited for."""
    spent = 0.0
    while found := set(_children()) - set(known):
        _, _, used = os.wait4(min(found), 0)
        spent += used.ru_utime + used.ru_stime
    return spent
