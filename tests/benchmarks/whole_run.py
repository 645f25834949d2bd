"""Measures a run from the command to the result, the start of Python included, against the same job in three peers.

    python -m tests.benchmarks.whole_run [--pairs 5] [--peers whole_keras whole_torch whole_estimator]
                                         [--max-steps 400] [--patience 1000] [--processors 2]

Ours is `experiments/parity.py -F <a directory that vanishes> with seed=1 max_steps=400 patience=1000`: all that a
default run does, and the same number of steps on both sides, since chance has a say in when patience ends
(`--max-steps 1000 --patience 300` is the default run itself; look at the steps then). The peers learn the same words
with the same sizes, validate as often, keep the best weights in a file and measure them on the same test; they record
nothing and export nothing. Each side is a process of its own, in turn, after one of each that is not counted. For each
peer there is a table of medians, and the ratios theirs to ours with their range: above 1 ours takes less.

A phase is told in seconds and as its share of the wall time. `import` is that of TensorFlow or PyTorch; `training` has
the building of the network in it where there is no phase `graph`; `rest` is Python's start and end, other imports, and
here what Sacred records. Nobody is told how many threads to take: with `--processors 1` the peers lose none to threads
that wait for each other. Five pairs take nine minutes. `whole_torch` needs the extra `benchmark`.
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from experiments.parity import defaults
from experiments.settings import SHARED_DEFAULTS
from tests.benchmarks.pairs import Comparison, Figures, make_parser
from tests.benchmarks.processes import Finished, confine, module, run_python

_PEERS = ("whole_keras", "whole_torch", "whole_estimator")
_PHASES = ("import", "data", "graph", "training", "evaluation", "export")
_SEED = 1


def main() -> None:
    """Print a table for each peer."""
    asked = _parse()
    if "whole_torch" in asked.peers and importlib.util.find_spec("torch") is None:
        sys.exit(
            "whole_torch needs PyTorch: pip install -c constraints.txt -e '.[benchmark]', or leave it out of --peers"
        )
    confine(asked.processors)
    changes = {"seed": _SEED, "max_steps": asked.max_steps, "patience": asked.patience}
    for peer in asked.peers:
        pairs = [(ours(changes), theirs(peer, changes)) for _ in range(asked.pairs + 1)][1:]
        show(peer, Comparison([our for our, _ in pairs], [their for _, their in pairs]))


def ours(changes: dict[str, Any]) -> Figures:
    """Run parity with a config, and read what it has recorded."""
    entries = [f"{name}={value}" for name, value in changes.items()]
    with tempfile.TemporaryDirectory() as vanishing:
        done = run_python("experiments/parity.py", "-F", vanishing, "with", *entries)
        info = json.loads((Path(vanishing) / "1" / "info.json").read_text())
        result = json.loads((Path(vanishing) / "1" / "run.json").read_text())["result"]
    return _figures(done, info["seconds"], accuracy=result, steps=info["last_step"])


def theirs(peer: str, changes: dict[str, Any]) -> Figures:
    """Run a peer with the same config, and read what it has printed."""
    config = json.dumps({**SHARED_DEFAULTS, **defaults(), **changes})
    done = run_python(*module(f"tests.benchmarks.peers.{peer}", config))
    told = json.loads(done.output.splitlines()[-1])
    return _figures(done, told["seconds"], accuracy=told["accuracy"], steps=told["steps"])


def show(peer: str, compared: Comparison) -> None:
    """Print what a comparison has come to."""
    upside_down = Comparison(compared.theirs, compared.ours)
    print(f"\n| {len(compared.ours)} pairs | here | {peer} | {peer} / here |\n|---|---|---|---|")
    for name, title in (("wall", "wall time"), ("cpu", "processor time")):
        our, their = compared.medians(name)
        print(f"| {title} | {our:.2f} s | {their:.2f} s | {upside_down.ratio(name)} |")
    walls = compared.medians("wall")
    for phase in (*_PHASES, "rest"):
        shares = zip(compared.medians(phase), walls, strict=True)
        print(f"| {phase} | {' | '.join(f'{part:.2f} s, {part / wall:.0%}' for part, wall in shares)} | |")
    for name, form in (("steps", ".0f"), ("accuracy", ".3f")):
        our, their = compared.medians(name)
        print(f"| {name} | {our:{form}} | {their:{form}} | |", flush=True)


def _figures(done: Finished, seconds: dict[str, float], *, accuracy: float, steps: int) -> Figures:
    phases = {phase: seconds.get(phase, 0.0) for phase in _PHASES}
    rest = done.wall - sum(phases.values())
    return {"wall": done.wall, "cpu": done.cpu, **phases, "rest": rest, "accuracy": accuracy, "steps": steps}


def _parse() -> argparse.Namespace:
    parser = make_parser("tests.benchmarks.whole_run", __doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--peers", nargs="+", default=list(_PEERS), choices=_PEERS)
    parser.add_argument("--max-steps", type=int, default=400)
    parser.add_argument("--patience", type=int, default=1000)
    parser.add_argument("--processors", type=int, default=len(os.sched_getaffinity(0)))
    return parser.parse_args()


if __name__ == "__main__":
    main()
