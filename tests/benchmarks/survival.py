"""Shows what is left of a run if its server or the run itself is killed, stalled or crowded.

    python -m tests.benchmarks.survival [SCENARIO ...] [--scale 1]

It uses a real mongod, real processes and real signals, and prints how many points were logged and stored. Without a
name it runs all scenarios, which takes about twelve minutes.
"""

import json
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymongo

from experiments.recording.layout import ROOT
from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import read_points
from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import with_range
from tests.benchmarks.recorded.outcome import Outcome, read_outcome, run_observers, start_run
from tests.mongod import Mongod, served


def main() -> None:
    """Run scenarios, each with a server of its own."""
    parser = make_parser("tests.benchmarks.survival", __doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="factor of all sizes and times")
    arguments = read_arguments(parser, tiny={"scale": 0.01})
    if unknown := set(arguments.scenarios) - SCENARIOS.keys():
        parser.error(f"there is no scenario {min(unknown)}: choose one of {', '.join(SCENARIOS)}")
    for name in arguments.scenarios or SCENARIOS:
        with served() as (server, directory):
            print(SCENARIOS[name](server, directory / "runs", arguments.scale), flush=True)


def server_killed(server: Mongod, runs: Path, points: int, seconds: float) -> Outcome:
    """Kill the server at three random moments of the run, and start it again."""
    url = f"{server.url}/killed"
    run = start_run(runs, url, points, seconds)
    for _ in range(3):
        time.sleep(random.uniform(0.1, 0.3) * seconds)
        server.kill()
        time.sleep(random.uniform(0, 1))
        server.start()
    printed, _ = run.communicate()
    run_observers("sync", str(runs), "-m", url)
    return read_outcome(runs, url, int(printed.split()[-1]))


def server_late(server: Mongod, runs: Path, points: int, seconds: float) -> Outcome:
    """Start the server after the run has ended, as if it had never been there before."""
    url = f"{server.url}/late"
    server.kill()
    run = start_run(runs, url, points, seconds)
    assert run.stdout is not None
    for line in run.stdout:
        logged, last = int(line), time.monotonic()
    run.wait()
    end = time.monotonic() - last
    server.start()
    run_observers("sync", str(runs), "-m", url)
    return read_outcome(runs, url, logged, end)


def run_killed(server: Mongod, runs: Path, points: int, seconds: float) -> Outcome:
    """Kill the run at a random moment; it has printed how many points it had logged."""
    url = f"{server.url}/run_killed"
    run = start_run(runs, url, points, seconds)
    assert run.stdout is not None
    run.stdout.readline()
    time.sleep(random.uniform(0.1, 0.9) * seconds)
    run.kill()
    printed = run.stdout.read().split()
    run.wait()
    run_observers("reap", str(runs), "-m", url)
    run_observers("sync", str(runs), "-m", url)
    return read_outcome(runs, url, int(printed[-1]) if printed else 100)


def crowd(server: Mongod, runs: Path, processes: int) -> tuple[list[str], list[int], list[str]]:
    """Start many runs at once; return their directories, their ids in MongoDB, and what they printed as errors.

    On a busy machine a run may leave its last points to `sync`, or itself, and say so, which is no error.
    """
    url = f"{server.url}/crowd"
    _, printed = start_run(runs, url, 300, 1.0, str(processes)).communicate()
    errors = [line for line in printed.splitlines() if not re.search("-m observers sync|; it is recorded in ", line)]
    run_observers("sync", str(runs), "-m", url)
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        stored: list[Any] = list(client.get_default_database().runs.find({"status": "COMPLETED"}))
    ids = sorted(run["_id"] for run in stored)
    names = sorted((path.name for path in runs.glob("[0-9]*")), key=int)
    return names, ids, errors


def million(server: Mongod, runs: Path, points: int) -> dict[str, Any]:
    """Log a million points of one metric."""
    url = f"{server.url}/million"
    start_run(runs, url, points, 0.0).communicate()
    run_observers("sync", str(runs), "-m", url)
    info = json.loads((runs / "1" / "info.json").read_text())
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        metric = client.get_default_database().metrics.find_one({"name": "train/loss"})
    return {
        "journalled": sum(1 for _ in read_points(runs / "1" / JOURNAL)),
        "covered in MongoDB": metric["points"] if metric else 0,
        "kept in MongoDB": len(metric["steps"]) if metric else 0,
        "µs per point, mean of each tenth": [round(1e6 * part, 1) for part in info["seconds_per_point"]],
        "MB grown between 100,000 and the end": round(info.get("grown", 0) / 1e6, 1),
    }


def stalled_ratio(server: Mongod, runs: Path, seconds: float, *, stalled_first: bool) -> float:
    """Train with a server that answers and with one that is stopped; return the ratio of steps per second."""
    speeds = {}
    for stalled in (True, False) if stalled_first else (False, True):
        speeds[stalled] = _train(server, runs / f"stalled_{stalled}", seconds, stalled)
    return speeds[True] / speeds[False]


def _train(server: Mongod, runs: Path, seconds: float, stalled: bool) -> float:
    config = ["with", "max_steps=100000000", "patience=100000000", "seed=1"]
    command = [sys.executable, "experiments/parity.py", "-F", str(runs), "-b", "2", "-m", f"{server.url}/stalled"]
    run = subprocess.Popen([*command, *config], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    journal = runs / "1" / JOURNAL
    try:
        while not (journal.exists() and b'"step":10,' in journal.read_bytes()):
            if run.poll() is not None:
                raise RuntimeError(f"the run has ended: {run.communicate()}")
            time.sleep(0.1)
        if stalled:
            server.send(signal.SIGSTOP)
        time.sleep(seconds)
        run.terminate()
        run.communicate()
    finally:
        run.kill()
        server.send(signal.SIGCONT)
    speed: float = json.loads((runs / "1" / "info.json").read_text())["steps_per_second"]
    return speed


def _server_killed(server: Mongod, runs: Path, scale: float) -> str:
    return server_killed(server, runs, round(20_000 * scale), 20 * scale).format("server killed three times")


def _server_late(server: Mongod, runs: Path, scale: float) -> str:
    return server_late(server, runs, round(20_000 * scale), 5 * scale).format("server after the run")


def _run_killed(server: Mongod, runs: Path, scale: float) -> str:
    return run_killed(server, runs, round(100_000 * scale), 6 * scale).format("run killed")


def _crowd(server: Mongod, runs: Path, scale: float) -> str:
    processes = max(2, round(16 * scale))
    names, ids, errors = crowd(server, runs, processes)
    return f"{processes} runs at once".ljust(26) + f" directories {names}; ids {ids}; errors {errors}"


def _million(server: Mongod, runs: Path, scale: float) -> str:
    points = round(1_000_000 * scale)
    return f"{points:,} points".ljust(26) + f" {million(server, runs, points)}"


def _stalled(server: Mongod, runs: Path, scale: float) -> str:
    pairs, seconds = max(1, round(5 * scale)), 30.0 * scale
    ratios = [stalled_ratio(server, runs / str(pair), seconds, stalled_first=bool(pair % 2)) for pair in range(pairs)]
    return f"server stalled for {seconds:.0f} s".ljust(26) + f" ratio of steps per second {with_range(ratios, '.3f')}"


SCENARIOS: dict[str, Callable[[Mongod, Path, float], str]] = {
    "server_killed": _server_killed,
    "server_late": _server_late,
    **{f"run_killed_{number}": _run_killed for number in (1, 2, 3)},
    "crowd": _crowd,
    "million": _million,
    "stalled": _stalled,
}


if __name__ == "__main__":
    main()
