"""Measures a sweep against a shell loop: how many of the same runs a minute each does.

    python -m tests.benchmarks.sweep_rate [--runs 16] [--jobs 2] [--pairs 5] [--config NAME=VALUE ...]

The loop is `for seed in ...; do python experiments/parity.py with seed=$seed; done`, the sweep is
`python experiments/sweep.py parity seed=0..15 --jobs 2`. Both record in a temporary directory, in turn. Five pairs
take fifteen minutes. It also checks that both have the same results.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, Figures, with_range
from tests.benchmarks.measuring.processes import run_command, run_python


def main() -> None:
    """Print the rates and their ratio, per minute and per minute of processor time."""
    parser = make_parser("tests.benchmarks.sweep_rate", __doc__)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--config", nargs="*", default=[], metavar="NAME=VALUE", help="of every run")
    config = ["max_steps=2", "evaluate_every=2", "data_size=40", "hidden=4"]
    arguments = read_arguments(parser, tiny={"runs": 1, "jobs": 1, "pairs": 1, "config": config})
    runs, entries = arguments.runs, arguments.config
    pairs = [(sweep(runs, arguments.jobs, entries), loop(runs, entries)) for _ in range(arguments.pairs)]
    if any(ours["results"] != theirs["results"] for ours, theirs in pairs):
        sys.exit("the sweep and the loop have different results")
    compared = Comparison([ours for ours, _ in pairs], [theirs for _, theirs in pairs])
    for name, title in (("runs_per_minute", "runs a minute"), ("runs_per_cpu_minute", "runs a minute of a processor")):
        ours, theirs = compared.medians(name)
        print(f"{title}: sweep {ours:.1f}, loop {theirs:.1f}, ratio {with_range(compared.ratios(name))}")


def sweep(runs: int, jobs: int, config: Sequence[str]) -> Figures:
    """Run a sweep over seeds."""
    with tempfile.TemporaryDirectory() as directory:
        seeds = f"seed=0..{runs - 1}"
        done = run_python("experiments/sweep.py", "parity", *config, seeds, "--jobs", str(jobs), "-F", directory)
        cpu = done.cpu + _recorded_cpu(Path(directory))  # the runs are children of the sweep's server
        return _figures(runs, done.wall, cpu, Path(directory))


def loop(runs: int, config: Sequence[str]) -> Figures:
    """Run the same in a shell loop."""
    with tempfile.TemporaryDirectory() as directory:
        seeds = " ".join(map(str, range(runs)))
        command = f"{sys.executable} experiments/parity.py -F {directory} with {' '.join(config)} seed=$seed"
        done = run_command(["sh", "-ec", f"for seed in {seeds}; do {command}; done"])
        return _figures(runs, done.wall, done.cpu, Path(directory))


def _recorded_cpu(runs: Path) -> float:
    return float(sum(json.loads(path.read_text())["cpu_seconds"] for path in runs.glob("*/info.json")))


def _figures(runs: int, wall: float, cpu: float, directory: Path) -> Figures:
    entries = [json.loads(path.read_text()) for path in directory.glob("[0-9]*/run.json")]
    if sorted(entry["status"] for entry in entries) != ["COMPLETED"] * runs:
        raise subprocess.CalledProcessError(1, str(directory), f"{len(entries)} of {runs} runs")
    results = hash(tuple(sorted(entry["result"] for entry in entries)))
    return {"runs_per_minute": 60 * runs / wall, "runs_per_cpu_minute": 60 * runs / cpu, "results": results}


if __name__ == "__main__":
    main()
