"""Measures what it costs to flush a run to the disk: seconds in os.fsync, of the training and of other threads.

    python -m tests.benchmarks.flush_cost [--runs 5] [--steps 6000]

A run is the default training of experiments/parity.py, recorded in a directory. It flushes its best checkpoint at most
every five seconds and its state every 15; another thread flushes points and output every five. The first run in a
directory stores the sources, later ones find them there. The time of the training is that from its first step to its
last, without imports, graph and export.
"""

import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Figures, with_range
from tests.benchmarks.measuring.processes import Run, module, run_in_fork, run_python


def main() -> None:
    """Print the costs."""
    parser = make_parser("tests.benchmarks.flush_cost", __doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6000)
    arguments = read_arguments(parser, tiny={"runs": 2, "steps": 100})
    measure = functools.partial(train, run_in_fork if arguments.tiny else run_python, arguments.steps)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:  # /tmp may be in memory
        first, *later = [measure(directory) for _ in range(arguments.runs)]
    print(f"{arguments.steps} steps, {arguments.runs} runs")
    print(format_run("the first run", [first]))
    print(format_run("later runs", later))


def train(run: Run, steps: int, directory: str) -> Figures:
    """Train in a process of its own."""
    return run(*module("tests.benchmarks.recorded.flushes", str(steps), directory)).figures


def format_run(title: str, runs: Sequence[Figures]) -> str:
    """Format the flushes of runs and their share of the training, and of the run with all that is around it."""

    def of(name: str, total: str) -> str:
        return with_range([figures[name] / figures[total] for figures in runs], ".2%")

    counts = with_range([figures["flushes"] for figures in runs], ".0f")
    return (
        f"{title}: {counts} flushes; in training, {of('in_training', 'training')} of its time waits for the disk, with"
        f" the checksums of states {of('saving', 'training')}; in the whole run {of('in_run', 'run')}, and other"
        f" threads beside it {of('in_threads', 'run')}"
    )


if __name__ == "__main__":
    main()
