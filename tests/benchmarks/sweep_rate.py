"""Measures a sweep against the loop of a shell: the same default runs, as many a minute as each comes to.

    python -m tests.benchmarks.sweep_rate [--runs 16] [--jobs 2] [--pairs 5]

The loop is `for seed in ...; do python experiments/parity.py with seed=$seed; done`, the sweep
`python experiments/sweep.py parity seed=0..15 --jobs 2`; both record in a directory that vanishes, in turn. Five
pairs take fifteen minutes. The results of the runs are compared as well: they have to be the same.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.pairs import Comparison, Figures, make_parser
from tests.benchmarks.processes import run_python


def main() -> None:
    """Print the rates, their ratio, and what a run takes of the processors."""
    asked = _parse()
    pairs = [(sweep(asked.runs, asked.jobs), loop(asked.runs)) for _ in range(asked.pairs)]
    if any(ours["results"] != theirs["results"] for ours, theirs in pairs):
        sys.exit("the sweep has other results than the loop")
    compared = Comparison([ours for ours, _ in pairs], [theirs for _, theirs in pairs])
    for name, title in (("runs_per_minute", "runs a minute"), ("runs_per_cpu_minute", "runs a minute of a processor")):
        ours, theirs = compared.medians(name)
        print(f"{title}: sweep {ours:.1f}, loop {theirs:.1f}, ratio {compared.ratio(name)}")


def sweep(runs: int, jobs: int) -> Figures:
    """Run a sweep over seeds."""
    with tempfile.TemporaryDirectory() as place:
        arguments = ["parity", f"seed=0..{runs - 1}", "--jobs", str(jobs), "-F", place]
        done = run_python("experiments/sweep.py", *arguments)
        return _figures(runs, done.wall, done.cpu + _processor_seconds(Path(place)), Path(place))


def loop(runs: int) -> Figures:
    """Run the same in a loop of the shell."""
    with tempfile.TemporaryDirectory() as place:
        seeds = " ".join(map(str, range(runs)))
        script = f"for seed in {seeds}; do {sys.executable} experiments/parity.py -F {place} with seed=$seed; done"
        program = f"import subprocess; subprocess.run(['sh', '-c', {script!r}], check=True, stdout=subprocess.DEVNULL)"
        done = run_python("-c", program)
        return _figures(runs, done.wall, done.cpu, Path(place))


def _processor_seconds(runs: Path) -> float:
    """What the processes of the runs took, as recorded: they are children of the server, and not of the sweep."""
    return float(sum(json.loads(path.read_text())["cpu_seconds"] for path in runs.glob("*/info.json")))


def _figures(runs: int, wall: float, cpu: float, place: Path) -> Figures:
    entries = [json.loads(path.read_text()) for path in place.glob("[0-9]*/run.json")]
    if sorted(entry["status"] for entry in entries) != ["COMPLETED"] * runs:
        raise subprocess.CalledProcessError(1, str(place), f"{len(entries)} of {runs} runs")
    results = hash(tuple(sorted(entry["result"] for entry in entries)))
    return {"runs_per_minute": 60 * runs / wall, "runs_per_cpu_minute": 60 * runs / cpu, "results": results}


def _parse() -> argparse.Namespace:
    parser = make_parser("tests.benchmarks.sweep_rate", __doc__)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
