"""Measures what recording costs a training: seconds of processor time, recorded and bare.

    python -m tests.benchmarks.recording_cost [--pairs 5] [--steps 6000] [--processors 2]

Recorded is the training of experiments/parity.py as `-F` and `-m` record it: the measures of every tenth step in the
journal of a run directory, Sacred's heartbeats, and the delivery into a real MongoDB, whose own processor time is not
counted. Bare is the same Estimator, model_fn and input_fn, trained by `estimator.train` alone: no hook of this
project, no Sacred, no observer. Neither validates. Each side is a process of its own, in turn, after one of each that
is not counted.

The difference of two processes is as uncertain as a shared machine is. So the recorded process also takes the time of
what records, while it trains: of the calls that append to the journal, of the hook that makes them (the journal
included), and of the threads of heartbeats and delivery. These are told as shares of all its processor time in
training. A heartbeat comes every ten seconds: a training of less may have none, and its share is that of chance; hence
so many steps.

What the session computes and fetches for the hook is not in them. A third training, bare, fetches it in every second
block of 20 steps, and the medians of both kinds of blocks are compared. All of it takes eleven minutes.
"""

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Sequence
from typing import Any

from experiments.parity import defaults
from experiments.settings import SHARED_DEFAULTS
from tests.benchmarks.pairs import Comparison, Figures, make_parser
from tests.benchmarks.processes import confine, module, run_python
from tests.mongod import Mongod, served

_MODULE = "tests.benchmarks.recorded_training"
_SEED = 1


def main() -> None:
    """Print the costs."""
    asked = _parse()
    config = {**SHARED_DEFAULTS, **defaults(), "seed": _SEED, "max_steps": asked.steps}
    with served() as (server, _):
        confine(asked.processors)  # the server is not
        pairs = [(recorded(config, server), unrecorded("bare", config)) for _ in range(asked.pairs + 1)][1:]
        fetched = [unrecorded("fetching", config) for _ in range(asked.pairs)]
    compared = Comparison([our for our, _ in pairs], [their for _, their in pairs])
    print(f"{asked.steps} steps, {asked.pairs} pairs, seconds of processor time")
    for name, title in (("training", "training"), ("whole", "whole process")):
        print(more(compared, name, title))
    print(shares(compared.ours))
    parts = [figures["with"] / figures["without"] - 1 for figures in fetched]
    print(f"what the session fetches for the hook takes {statistics.median(parts):.1%} ({_range(parts)})")


def recorded(config: dict[str, Any], server: Mongod) -> Figures:
    """Train a recorded network."""
    with tempfile.TemporaryDirectory() as runs:
        return _figures("recorded", config, runs, f"{server.url}/cost")


def unrecorded(side: str, config: dict[str, Any]) -> Figures:
    """Train the same network without recording: bare, or fetching."""
    with tempfile.TemporaryDirectory() as model_dir:
        return _figures(side, config, model_dir)


def more(compared: Comparison, name: str, title: str) -> str:
    """How much more the recorded side takes, pair by pair, in parts of the bare one."""
    parts = [recorded[name] / bare[name] - 1 for recorded, bare in zip(compared.ours, compared.theirs, strict=True)]
    ours, theirs = compared.medians(name)
    return (
        f"{title}: recorded {ours:.2f}, bare {theirs:.2f}, (recorded - bare) / bare"
        f" {statistics.median(parts):+.1%} ({_range(parts)})"
    )


def shares(recorded: Sequence[Figures]) -> str:
    """What records, as shares of the processor time of training."""

    def share(name: str) -> str:
        parts = [figures[name] / figures["training"] for figures in recorded]
        return f"{statistics.median(parts):.2%} ({min(parts):.2%} to {max(parts):.2%})"

    return (
        f"share of processor time in training: journal {share('journal')}, threads of heartbeats and delivery"
        f" {share('threads')}; with what they took before it {share('threads_in_all')};"
        f" the hook, journal included, {share('hook')}, of which TensorBoard's events, which a bare Estimator writes"
        f" unless it is told not to, {share('events')}"
    )


def _range(parts: Sequence[float]) -> str:
    return f"{min(parts):+.1%} to {max(parts):+.1%}"


def _figures(side: str, config: dict[str, Any], *places: str) -> Figures:
    done = run_python(*module(_MODULE, side, json.dumps(config), *places))
    return {**json.loads(done.output.splitlines()[-1]), "whole": done.cpu}


def _parse() -> argparse.Namespace:
    parser = make_parser("tests.benchmarks.recording_cost", __doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--processors", type=int, default=len(os.sched_getaffinity(0)))
    return parser.parse_args()


if __name__ == "__main__":
    main()
