"""Measures the commands for recorded runs with thousands of them, each with a real MongoDB.

    python -m tests.benchmarks.many_runs [--runs 2000 10000] [--steps 1000]

The runs are copies of one training of parity.py, each with a uuid, an id and a seed of its own; large files are hard
links. `first sync` delivers all of them into an empty database. Each command is a process of its own; the start of
Python is counted, but for `run=best` only the search, without the import of TensorFlow.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path

from experiments.commands.trained_run import BEST, _find
from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.processes import Run, module, run_in_fork, run_python
from tests.mongod import served

_CHANGED = ("run.json", "config.json", "info.json")
_EVALUATE_EVERY = 50  # steps
_DELETED = 100  # runs


def main() -> None:
    """Print the seconds of each command."""
    if len(sys.argv) == 3 and sys.argv[1] == "best":
        print(json.dumps(find_best(Path(sys.argv[2]))))
        return
    parser = make_parser("tests.benchmarks.many_runs", __doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[2000, 10_000])
    parser.add_argument("--steps", type=int, default=1000, help="of the training that is copied")
    arguments = read_arguments(parser, tiny={"runs": [5], "steps": 20})
    run = run_in_fork if arguments.tiny else run_python
    for count in arguments.runs:
        with tempfile.TemporaryDirectory() as place, served() as (server, _):
            runs = Path(place) / "runs"
            steps = [f"{name}={arguments.steps}" for name in ("max_steps", "patience")]
            config = [*steps, f"evaluate_every={min(arguments.steps, _EVALUATE_EVERY)}", "seed=0"]
            run("experiments/parity.py", "-F", str(runs), "with", *config)
            copy_runs(runs / "1", count)
            measure_commands(runs, f"{server.url}/many", count, run)


def measure_commands(runs: Path, url: str, count: int, run: Run) -> None:
    """Print the seconds of each command on so many runs."""
    mongodb = ("-m", url)
    commands = {
        "list": ("list", str(runs)),
        "first sync": ("sync", str(runs), *mongodb),
        "sync with nothing to do": ("sync", str(runs), *mongodb),
        "list with MongoDB": ("list", str(runs), *mongodb),
        "reap": ("reap", str(runs), *mongodb),
        f"delete {min(_DELETED, count)}": ("delete", f"1..{_DELETED}", "--yes", "-F", str(runs), *mongodb),
    }
    print(f"{count} runs")
    for name, command in commands.items():
        if name.startswith("delete"):
            best = run(*module("tests.benchmarks.many_runs", "best", str(runs))).figures
            print(f"  run={BEST}: {best['wall']:.1f} s, {best['cpu']:.1f} s of processor time", flush=True)
        done = run("-m", "observers", *command)
        print(f"  {name}: {done.wall:.1f} s, {done.cpu:.1f} s of processor time", flush=True)


def copy_runs(run: Path, count: int) -> None:
    """Make copies of a run, up to so many runs."""
    texts = {name: (run / name).read_text() for name in _CHANGED}
    entry = json.loads(texts["run.json"])
    for number in range(2, count + 1):
        copy = run.with_name(str(number))
        shutil.copytree(run, copy, copy_function=os.link, ignore=lambda _, names: {*_CHANGED} & {*names})
        fresh = uuid.uuid4().hex
        for name, text in texts.items():
            text = text.replace(entry["uuid"], fresh).replace(f'"{entry["directory"]}"', f'"{copy.resolve()}"')
            (copy / name).write_text(text.replace('"seed": 0', f'"seed": {number}'))


def find_best(runs: Path) -> dict[str, float]:
    """Find the best run, and return the seconds that it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    _find(runs, BEST, "parity")
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    main()
