"""Measures a sweep against a shell loop: how many of the same runs a minute each does.

    python -m tests.benchmarks.sweep_rate [--runs 16] [--jobs 2] [--pairs 5] [--config NAME=VALUE ...]

The loop is `for seed in ...; do python experiments/parity.py with seed=$seed; done`, the sweep is
`python experiments/sweep.py parity seed=0..15 --jobs 2`. Both record in a temporary directory, in turn. Five pairs
take fifteen minutes. It also checks that both have the same results.
"""

import sys
from collections.abc import Sequence

from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, Figures, with_range
from tests.benchmarks.measuring.processes import run_command
from tests.benchmarks.measuring.sweeps import TINY, add_config, run_children, run_sweep


def main() -> None:
    """Print the rates and their ratio, per minute and per minute of processor time."""
    parser = make_parser("tests.benchmarks.sweep_rate", __doc__)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    add_config(parser)
    arguments = read_arguments(parser, tiny={"runs": 1, "jobs": 1, "pairs": 1, "config": TINY})
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
    return _rates(runs, run_sweep("parity", *config, f"seed=0..{runs - 1}", "--jobs", str(jobs)))


def loop(runs: int, config: Sequence[str]) -> Figures:
    """Run the same in a shell loop."""
    command = f"{sys.executable} experiments/parity.py -F $0 with {' '.join(config)} seed=$seed"
    script = f"for seed in {' '.join(map(str, range(runs)))}; do {command}; done"
    return _rates(runs, run_children(lambda directory: run_command(["sh", "-ec", script, directory])))


def _rates(runs: int, figures: Figures) -> Figures:
    return {
        "runs_per_minute": 60 * runs / figures["wall"],
        "runs_per_cpu_minute": 60 * runs / figures["cpu"],
        "results": figures["results"],
    }


if __name__ == "__main__":
    main()
