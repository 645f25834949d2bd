"""Measures what a sweep of ten thousand runs costs besides its trainings, with a real MongoDB.

    python -m tests.benchmarks.ten_thousand [--runs 10000] [--jobs 2] [--pairs 5] [--real-minutes 10]

One tiny run of parity.py is trained. The observer then records the runs of a grid of hidden, learning_rate and seed,
as this run was recorded, without a training. Each command is a process of its own, the start of Python included.
Last, a sweep trains tiny runs for half of the real minutes in an almost empty directory, and for the other half
beside the many runs.
"""

import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from experiments.recording.layout import ROOT
from observers.stored_runs.stored_run import read_run
from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.processes import Finished, Run, module, run_in_fork, run_python
from tests.mongod import served

_TINY = ("max_steps=2", "evaluate_every=2", "data_size=40")
_RATES = 10  # different learning rates, and numbers of units
_UNFINISHED = 10
_SIDES = "tests.benchmarks.recorded.among_many"
_NEW_SEEDS = 10**6
_MOST_REAL = 3000  # runs
_PARTS = 5  # of the time


def main() -> None:
    """Print seconds and memory."""
    parser = make_parser("tests.benchmarks.ten_thousand", __doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5, help="of one more run there and in an empty directory")
    parser.add_argument("--real-minutes", type=float, default=10.0, help="of real runs; 0 leaves them out")
    parser.add_argument("--no-mongodb", action="store_true", help="leave out MongoDB, whose first sync takes minutes")
    arguments = read_arguments(parser, tiny={"runs": 100, "pairs": 1, "real_minutes": 0.05})
    run = run_in_fork if arguments.tiny else run_python
    with tempfile.TemporaryDirectory() as place:
        full, empty, one = (Path(place) / name for name in ("full", "empty", "one"))
        grid = make_grid(arguments.runs)
        run("experiments/parity.py", "-F", str(one), "with", *_TINY, "hidden=8", "seed=0")
        measure_planning(full, one / "1", grid, run)
        measure_start(full, empty, one / "1", arguments.pairs, run)
        measure_reading(full, arguments.runs, run)
        if not arguments.no_mongodb:
            measure_mongodb(full, one / "1", grid, run)
        for runs in (empty, full) if arguments.real_minutes else ():
            measure_real_runs(runs, arguments.real_minutes * 30, arguments.jobs)


def make_grid(runs: int) -> list[str]:
    """Return the values of a sweep of so many runs."""
    rates = ",".join(f"{(number + 1) / 1000:g}" for number in range(_RATES))
    return ["hidden=8..17", f"learning_rate={rates}", f"seed=0..{math.ceil(runs / _RATES / 10) - 1}"]


def measure_planning(runs: Path, original: Path, grid: Sequence[str], run: Run) -> None:
    """Plan the sweep with nothing recorded, record its runs, and plan it with all and with all but a few recorded."""
    sweep = ("experiments/sweep.py", "parity", *_TINY, *grid, "-F", str(runs))
    show("sweep --dry-run, nothing recorded", run(*sweep, "--dry-run"))
    recording = module("tests.benchmarks.recorded.untrained", str(original), str(runs), *grid)
    show("recording them, without a training", run(*recording))
    show("sweep with all recorded, and the table", run(*sweep))
    unfinished = sorted(runs.glob("[0-9]*/run.json"))[:_UNFINISHED]
    texts = {path: path.read_text() for path in unfinished}
    for number, (path, text) in enumerate(texts.items()):
        path.write_text(text.replace('"COMPLETED"', '"RUNNING"' if number % 2 else '"TERMINATED"'))
    show(f"sweep --dry-run, all but {_UNFINISHED} recorded", run(*sweep, "--dry-run"))
    for path, text in texts.items():
        path.write_text(text)


def measure_start(full: Path, empty: Path, original: Path, pairs: int, run: Run) -> None:
    """Record one more run there and in an empty directory, in turn: without a training, and a real one."""
    starts: dict[Path, list[float]] = {full: [], empty: []}
    whole: dict[Path, list[float]] = {full: [], empty: []}
    for number in range(pairs):
        for runs in (full, empty):
            starts[runs].append(run(*module(_SIDES, "start", str(original), str(runs))).figures["cpu"])
            command = ("experiments/parity.py", "-F", str(runs), "with", *_TINY, f"seed={_NEW_SEEDS + number}")
            whole[runs].append(run(*command).cpu)
    for title, spent in (
        ("recording one more run, without a training", starts),
        ("one more tiny run as a whole", whole),
    ):
        among, alone = (statistics.median(spent[runs]) for runs in (full, empty))
        print(f"{title}: {among:.3f} s of processor time; in an empty directory {alone:.3f} s", flush=True)


def measure_reading(runs: Path, count: int, run: Run) -> None:
    """List, compare and report the runs, and end a sweep of them."""
    show("python -m observers list", run(*module("observers", "list", str(runs))))
    for command in ("table", "groups", "best"):
        show(f"python -m analysis {command}", run(*module("analysis", command, str(runs))))
    show("python -m analysis report", run(*module("analysis", "report", str(runs), "-o", str(runs / "report.html"))))
    done = run(*module(_SIDES, "end", str(runs), str(count)))
    figures = done.figures
    show(
        f"lines and progress bar {figures['lines']:.1f} s, table {figures['table']:.1f} s, and reading the runs", done
    )


def measure_mongodb(runs: Path, original: Path, grid: Sequence[str], run: Run) -> None:
    """Deliver the runs, look at how one more is delivered, and read them from the database, also to plan the sweep."""
    with served() as (server, _):
        url = f"{server.url}/many"
        show("first sync", run(*module("observers", "sync", str(runs), "-m", url)))
        show("sync with nothing to do", run(*module("observers", "sync", str(runs), "-m", url)))
        run(*module(_SIDES, "start", str(original), str(runs)))
        figures = run(*module(_SIDES, "deliver", str(runs), url)).figures
        print(
            f"delivering one more run: {figures['cpu']:.3f} s of processor time; {figures['queries']:.0f} queries "
            f"look at {figures['documents']:.0f} documents at most, {figures['scans']:.0f} at a whole collection"
        )
        sweep = ("experiments/sweep.py", "parity", *_TINY, *grid, "-F", str(original.parent), f"--mongo_db={url}")
        show("sweep --dry-run elsewhere, all recorded in the database", run(*sweep, "--dry-run"))
        show("python -m observers list with MongoDB", run(*module("observers", "list", str(runs), "-m", url)))
        show("python -m analysis table of the database", run(*module("analysis", "table", url)))
        show("python -m analysis best of the database", run(*module("analysis", "best", url)))


def measure_real_runs(runs: Path, seconds: float, jobs: int) -> None:
    """Let a sweep train tiny runs for some time; print how many, and whether it becomes slower."""
    before = set(runs.glob("[0-9]*"))
    values = [*_TINY, f"seed={2 * _NEW_SEEDS}..{2 * _NEW_SEEDS + _MOST_REAL}"]
    command = [sys.executable, "experiments/sweep.py", "parity", *values, "--jobs", str(jobs), "-F", str(runs)]
    environment = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as sweep:
        while not _ends(runs, before) and sweep.poll() is None:
            time.sleep(0.5)
        time.sleep(seconds)
        sweep.send_signal(signal.SIGTERM)  # a shell lets its background jobs ignore SIGINT
    ends = _ends(runs, before)
    print(f"{len(ends)} real runs beside {len(before)} others, {jobs} at a time, in {seconds:.0f} s", flush=True)
    part = timedelta(seconds=seconds / _PARTS)
    for title, first in (("first", ends[0][0]), ("last", ends[-1][0] - part)):
        spent = [cpu for end, cpu in ends if first < end <= first + part]
        rate, cpu = len(spent) * 60 / part.total_seconds(), statistics.median(spent or [math.nan])
        print(f"  {title} {part.total_seconds():.0f} s: {rate:.1f} runs a minute, {cpu:.2f} s of processor time each")


def _ends(runs: Path, before: set[Path]) -> list[tuple[datetime, float]]:
    """Return when each new run has ended, and its seconds of processor time, in the order of the ends."""
    new = [read_run(directory) for directory in set(runs.glob("[0-9]*")) - before]
    return sorted(
        (datetime.fromisoformat(run.entry["stop_time"]), run.info["cpu_seconds"])
        for run in new
        if run.status == "COMPLETED"
    )


def show(title: str, done: Finished) -> None:
    """Print what a process took."""
    print(f"{title}: {done.cpu:.1f} s of processor time, {done.wall:.1f} s, {done.memory:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
