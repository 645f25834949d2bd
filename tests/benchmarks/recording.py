"""What is left of a run when its server or itself is killed, stalled or crowded: logged and stored points.

    python -m tests.benchmarks.recording [SCENARIO ...]

A real mongod, real processes, real signals; without a name all scenarios, which takes about twelve minutes.
"""

import json
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pymongo

from observers.journal import JOURNAL, read_points
from tests.benchmarks.pairs import make_parser
from tests.mongod import Mongod, served

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Outcome:
    """What became of the points of one run.

    Attributes:
        logged: how many the run says it has logged.
        stored: their steps in MongoDB.
        status: of the run, on disk and in MongoDB.
        end: seconds from the last point to the end of the process, where that was looked at.
    """

    logged: int
    stored: list[int]
    status: tuple[str, str]
    end: float | None = None

    @property
    def whole(self) -> bool:
        """Whether MongoDB has all points, in their order, once each."""
        return self.stored == list(range(len(self.stored))) and len(self.stored) >= self.logged


def start_run(runs: Path, url: str, points: int, seconds: float) -> "subprocess.Popen[str]":
    """Start a run in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.small_run", str(runs), url, str(points), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def observers(*arguments: str) -> str:
    """Run `python -m observers`, and return what it printed."""
    done = subprocess.run([sys.executable, "-m", "observers", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


def outcome(runs: Path, url: str, logged: int) -> Outcome:
    """Look into the directory and the database."""
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        database: Any = client.get_default_database()
        run = database.runs.find_one() or {}
        metric = database.metrics.find_one({"run_id": run.get("_id")}) or {"steps": []}
    stored = json.loads((runs / "1" / "run.json").read_text())["status"]
    return Outcome(logged, metric["steps"], (stored, run.get("status", "missing")))


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
    observers("sync", str(runs), "-m", url)
    return outcome(runs, url, int(printed.split()[-1]))


def server_late(server: Mongod, runs: Path, points: int, seconds: float) -> Outcome:
    """Start the server only after the run has ended, as if it had never been there before."""
    url = f"{server.url}/late"
    server.kill()
    run = start_run(runs, url, points, seconds)
    assert run.stdout is not None
    for line in run.stdout:
        logged, last = int(line), time.monotonic()
    run.wait()
    end = time.monotonic() - last
    server.start()
    observers("sync", str(runs), "-m", url)
    return replace(outcome(runs, url, logged), end=end)


def run_killed(server: Mongod, runs: Path, points: int, seconds: float) -> Outcome:
    """Kill the run at a random moment; what it had logged by then it has printed."""
    url = f"{server.url}/run_killed"
    run = start_run(runs, url, points, seconds)
    assert run.stdout is not None
    run.stdout.readline()
    time.sleep(random.uniform(0.1, 0.9) * seconds)
    run.kill()
    printed = run.stdout.read().split()
    run.wait()
    observers("reap", str(runs), "-m", url)
    observers("sync", str(runs), "-m", url)
    return outcome(runs, url, int(printed[-1]) if printed else 100)


def crowd(server: Mongod, runs: Path, processes: int) -> tuple[list[str], list[int], list[str]]:
    """Start so many runs at once: directories, ids in MongoDB, and what they printed as errors."""
    url = f"{server.url}/crowd"
    started = [start_run(runs, url, 300, 1.0) for _ in range(processes)]
    errors = [run.communicate()[1] for run in started]
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        stored: list[Any] = list(client.get_default_database().runs.find({"status": "COMPLETED"}))
    ids = sorted(run["_id"] for run in stored)
    names = sorted((path.name for path in runs.glob("[0-9]*")), key=int)
    return names, ids, [error for error in errors if error]


def million(server: Mongod, runs: Path, points: int) -> dict[str, Any]:
    """Log a million points of one metric."""
    url = f"{server.url}/million"
    start_run(runs, url, points, 0.0).communicate()
    observers("sync", str(runs), "-m", url)
    info = json.loads((runs / "1" / "info.json").read_text())
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        metric = client.get_default_database().metrics.find_one({"name": "train/loss"})
    return {
        "journalled": sum(1 for _ in read_points(runs / "1" / JOURNAL)),
        "covered in MongoDB": metric["points"] if metric else 0,
        "kept in MongoDB": len(metric["steps"]) if metric else 0,
        "µs per point, mean of each tenth": [round(1e6 * part, 1) for part in info["seconds_per_point"]],
        "MB grown between 100,000 and the end": round(info["grown"] / 1e6, 1),
    }


def stalled_pairs(server: Mongod, runs: Path, pairs: int, seconds: float) -> list[tuple[float, float]]:
    """Train beside a server that answers and beside one that is stopped, in turn: steps per second of each pair."""
    found = []
    for pair in range(pairs):
        speeds = {}
        for stalled in (False, True) if pair % 2 == 0 else (True, False):
            speeds[stalled] = _train(server, runs / f"{pair}_{stalled}", seconds, stalled)
        found.append((speeds[True], speeds[False]))
    return found


def _train(server: Mongod, runs: Path, seconds: float, stalled: bool) -> float:
    config = ["with", "max_steps=100000000", "patience=100000000", "seed=1"]
    command = [sys.executable, "experiments/parity.py", "-F", str(runs), "-b", "2", "-m", f"{server.url}/stalled"]
    run = subprocess.Popen([*command, *config], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    journal = runs / "1" / JOURNAL
    while not (journal.exists() and b'"step":10,' in journal.read_bytes()):
        if run.poll() is not None:
            raise RuntimeError(f"the run has ended: {run.communicate()}")
        time.sleep(0.1)
    if stalled:
        server.send(signal.SIGSTOP)
    time.sleep(seconds)
    run.terminate()
    run.communicate()
    server.send(signal.SIGCONT)
    speed: float = json.loads((runs / "1" / "info.json").read_text())["steps_per_second"]
    return speed


def _told(name: str, outcomes: Iterable[Outcome]) -> str:
    return "\n".join(
        f"{name:26} logged {found.logged:7}  stored {len(found.stored):7}  "
        f"{'all, in order, once' if found.whole else 'NOT WHOLE'}  {found.status[0]}, in MongoDB {found.status[1]}"
        f"{'' if found.end is None else f', over {found.end:.1f} s after its last point'}"
        for found in outcomes
    )


def _stalled(server: Mongod, directory: Path) -> str:
    pairs = stalled_pairs(server, directory, 5, 30.0)
    ratios = sorted(stalled / answering for stalled, answering in pairs)
    shown = ", ".join(f"{stalled:.1f}/{answering:.1f}" for stalled, answering in pairs)
    return (
        f"server stalled for 30 s    steps per second {shown}; ratio: median {statistics.median(ratios):.3f}, "
        f"{ratios[0]:.3f} to {ratios[-1]:.3f}"
    )


def _crowd(server: Mongod, directory: Path) -> str:
    names, ids, errors = crowd(server, directory, 16)
    return f"16 runs at once            directories {' '.join(names)}; ids {' '.join(map(str, ids))}; errors {errors}"


SCENARIOS: dict[str, Callable[[Mongod, Path], str]] = {
    "server_killed": lambda server, path: _told(
        "server killed three times", [server_killed(server, path, 20_000, 20)]
    ),
    "server_late": lambda server, path: _told("server after the run", [server_late(server, path, 20_000, 5)]),
    **{
        f"run_killed_{number}": lambda server, path: _told("run killed", [run_killed(server, path, 100_000, 6)])
        for number in (1, 2, 3)
    },
    "crowd": _crowd,
    "million": lambda server, path: f"a million points           {million(server, path, 1_000_000)}",
    "stalled": _stalled,
}


def main() -> None:
    """Go through scenarios, each with a server of its own."""
    parser = make_parser("tests.benchmarks.recording", __doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}")
    names = parser.parse_args().scenarios
    if unknown := [name for name in names if name not in SCENARIOS]:
        parser.error(f"there is no scenario {unknown[0]}: there are {', '.join(SCENARIOS)}")
    for name in names or SCENARIOS:
        with served() as (server, directory):
            print(SCENARIOS[name](server, directory / "runs"), flush=True)


if __name__ == "__main__":
    main()
