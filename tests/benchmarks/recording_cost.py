"""Measures what recording costs a training: seconds of processor time, recorded and bare.

    python -m tests.benchmarks.recording_cost [--pairs 5] [--steps 6000] [--processors 2]

The recorded side is the training of experiments/parity.py as `-F` and `-m` record it: the measures of every tenth step
in the journal of a run directory, Sacred's heartbeats, and the delivery into a real MongoDB, whose own processor time
is not counted. The bare side is the same Estimator, model_fn and input_fn, trained by `estimator.train` alone: no hook
of this project, no Sacred, no observer. Neither validates. Each side is a process of its own, in turn, after one of
each that is not counted.

The difference of two processes is uncertain on a shared machine. So the recorded process also measures its parts that
record while it trains: the calls that append to the journal, the hook that makes them (the journal included), and the
threads of heartbeats and delivery. They are given as shares of the processor time of the training. A heartbeat comes
every ten seconds; a shorter training may have none, and its share is chance. Hence 6000 steps.

They leave out what the session computes and fetches for the hook. A third, bare training fetches it in every second
block of 20 steps, and the medians of both kinds of blocks are compared. All of it takes eleven minutes.
"""

import functools
import os
import statistics
import tempfile
from collections.abc import Sequence

from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, Figures, with_range
from tests.benchmarks.measuring.processes import Run, confine, module, run_in_fork, run_python
from tests.mongod import Mongod, served


def main() -> None:
    """Print the costs."""
    parser = make_parser("tests.benchmarks.recording_cost", __doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--uncounted", type=int, default=1, help="pairs before those that count")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--processors", type=int, default=len(os.sched_getaffinity(0)))
    arguments = read_arguments(parser, tiny={"pairs": 1, "uncounted": 0, "steps": 100})
    run = functools.partial(train, run_in_fork if arguments.tiny else run_python, arguments.steps)
    with served() as (server, _):
        confine(arguments.processors)  # the server keeps all processors
        pairs = [(run("recorded", server), run("bare")) for _ in range(arguments.uncounted + arguments.pairs)]
        fetched = [run("fetching") for _ in range(arguments.pairs)]
    counted = pairs[arguments.uncounted :]
    compared = Comparison([our for our, _ in counted], [their for _, their in counted])
    print(f"{arguments.steps} steps, {arguments.pairs} pairs, seconds of processor time")
    for name, title in (("training", "training"), ("whole", "whole process")):
        print(format_difference(compared, name, title))
    print(format_shares(compared.ours))
    parts = [figures["with"] / figures["without"] - 1 for figures in fetched]
    print(f"what the session fetches for the hook takes {with_range(parts, '.1%')}")


def train(run: Run, steps: int, side: str, server: Mongod | None = None) -> Figures:
    """Train one side in a process of its own; the recorded side delivers to a server."""
    with tempfile.TemporaryDirectory() as directory:
        places = [directory] if server is None else [directory, f"{server.url}/cost"]
        done = run(*module("tests.benchmarks.recorded.training", side, str(steps), *places))
    return {**done.figures, "whole": done.cpu}


def format_difference(compared: Comparison, name: str, title: str) -> str:
    """Format how much more the recorded side takes, relative to the bare one."""
    differences = [ratio - 1 for ratio in compared.ratios(name)]
    ours, theirs = compared.medians(name)
    return (
        f"{title}: recorded {ours:.2f}, bare {theirs:.2f}, (recorded - bare) / bare"
        f" {statistics.median(differences):+.1%} ({min(differences):+.1%} to {max(differences):+.1%})"
    )


def format_shares(recorded: Sequence[Figures]) -> str:
    """Format what records, as shares of the processor time of training."""

    def share(name: str) -> str:
        return with_range([figures[name] / figures["training"] for figures in recorded], ".2%")

    return (
        f"share of processor time in training: journal {share('journal')}, threads of heartbeats and delivery"
        f" {share('threads')}; with their time before the training {share('threads_in_all')};"
        f" the hook, journal included, {share('hook')}, of which TensorBoard's events, which a bare Estimator writes"
        f" by default, {share('events')}"
    )


if __name__ == "__main__":
    main()
