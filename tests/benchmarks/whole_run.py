"""Measures a run from the command to the result, the start of Python included, against the same job in three peers.

    python -m tests.benchmarks.whole_run [--pairs 5] [--peers whole_keras whole_torch whole_estimator]
                                         [--max-steps 400] [--patience 1000] [--processors 2]

Ours is `experiments/parity.py -F <a temporary directory> with seed=1 max_steps=400 patience=1000`: everything that a
default run does, but with the same number of steps on both sides, because chance influences when patience is exhausted
(`--max-steps 1000 --patience 300` is the default run itself; compare the steps then). The peers learn the same words
with the same sizes, validate as often, save the best weights and measure them on the same test words. They record and
export nothing. Each side is a process of its own, in turn, after one of each that is not counted. The table of each
peer has the medians, and the ratio of theirs to ours with its range: above 1, ours takes less.

A phase is given in seconds and as its share of the wall time. `import` is the import of TensorFlow or PyTorch;
`training` includes building the network if there is no phase `graph`; `rest` is the start and end of Python, other
imports, and here what Sacred records. No side is told how many threads to use; with `--processors 1` the peers lose no
time to threads that wait for each other. Five pairs take nine minutes. `whole_torch` needs the extra `benchmark`.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sacred.arg_parser import get_config_updates

from experiments.pipeline.defaults import defaults_of
from tests.benchmarks.measuring.arguments import check_peers, installed, make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, Figures, with_range
from tests.benchmarks.measuring.processes import Finished, Run, confine, module, run_in_fork, run_python

_PEERS = ("whole_keras", "whole_torch", "whole_estimator")
_PHASES = ("import", "data", "graph", "training", "evaluation", "export")
_SEED = 1


def main() -> None:
    """Print a table for each peer."""
    parser = make_parser("tests.benchmarks.whole_run", __doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--uncounted", type=int, default=1, help="pairs before those that count")
    parser.add_argument("--peers", nargs="+", default=list(_PEERS), choices=_PEERS)
    parser.add_argument("--max-steps", type=int, default=400)
    parser.add_argument("--patience", type=int, default=1000)
    parser.add_argument("--config", nargs="*", default=[], metavar="NAME=VALUE", help="further config entries")
    parser.add_argument("--processors", type=int, default=len(os.sched_getaffinity(0)))
    sizes = {"max_steps": 2, "patience": 2, "config": ["evaluate_every=2", "data_size=40", "hidden=4"]}
    arguments = read_arguments(parser, tiny={"pairs": 1, "uncounted": 0, "peers": installed(_PEERS), **sizes})
    check_peers(parser, arguments.peers)
    confine(arguments.processors)
    run = run_in_fork if arguments.tiny else run_python
    changes = {"seed": _SEED, "max_steps": arguments.max_steps, "patience": arguments.patience}
    changes |= get_config_updates(arguments.config)[0]
    for peer in arguments.peers:
        pairs = [
            (ours(run, changes), theirs(run, peer, changes)) for _ in range(arguments.uncounted + arguments.pairs)
        ]
        counted = pairs[arguments.uncounted :]
        show(peer, Comparison([our for our, _ in counted], [their for _, their in counted]))


def ours(run: Run, changes: Mapping[str, Any]) -> Figures:
    """Run parity with changes to its config, and read what it records."""
    entries = [f"{name}={value}" for name, value in changes.items()]
    with tempfile.TemporaryDirectory() as runs:
        done = run("experiments/parity.py", "-F", runs, "with", *entries)
        info = json.loads((Path(runs) / "1" / "info.json").read_text())
        result = json.loads((Path(runs) / "1" / "run.json").read_text())["result"]
    return _figures(done, info["seconds"], accuracy=result, steps=info["last_step"])


def theirs(run: Run, peer: str, changes: Mapping[str, Any]) -> Figures:
    """Run a peer with the same config, and read what it prints."""
    config = json.dumps({**defaults_of("parity"), **changes})
    done = run(*module(f"tests.benchmarks.peers.{peer}", config))
    printed = json.loads(done.output.splitlines()[-1])
    return _figures(done, printed["seconds"], accuracy=printed["accuracy"], steps=printed["steps"])


def show(peer: str, compared: Comparison) -> None:
    """Print the table of a comparison."""
    print(f"\n| {len(compared.ours)} pairs | here | {peer} | {peer} / here |\n|---|---|---|---|")
    for name, title in (("wall", "wall time"), ("cpu", "processor time")):
        our, their = compared.medians(name)
        print(f"| {title} | {our:.2f} s | {their:.2f} s | {with_range(compared.reversed().ratios(name))} |")
    walls = compared.medians("wall")
    for phase in (*_PHASES, "rest"):
        shares = zip(compared.medians(phase), walls, strict=True)
        print(f"| {phase} | {' | '.join(f'{part:.2f} s, {part / wall:.0%}' for part, wall in shares)} | |")
    for name, form in (("steps", ".0f"), ("accuracy", ".3f")):
        our, their = compared.medians(name)
        print(f"| {name} | {our:{form}} | {their:{form}} | |", flush=True)


def _figures(done: Finished, seconds: Mapping[str, float], *, accuracy: float, steps: int) -> Figures:
    phases = {phase: seconds.get(phase, 0.0) for phase in _PHASES}
    rest = done.wall - sum(phases.values())
    return {"wall": done.wall, "cpu": done.cpu, **phases, "rest": rest, "accuracy": accuracy, "steps": steps}


if __name__ == "__main__":
    main()
