"""The parts of the comparison: each measures one tracker once."""

import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo

from tests.benchmarks.trackers.catalogue import Tracker
from tests.benchmarks.trackers.processes import Figures, Workplace
from tests.mongod import Mongod, served

_MICRO = 1e6
_numbers = itertools.count()


@dataclass(frozen=True)
class Bench:
    """What all parts share: the directory of the environments, None for that of the project, and a server."""

    environments: Path | None
    server: Mongod

    def place(self, tracker: Tracker, directory: Path, server: Mongod | None = None) -> Workplace:
        """Make an empty workplace, with a database of its own."""
        name = f"{tracker.name}_{next(_numbers)}"
        (directory / name).mkdir()
        url = f"{(server or self.server).url}/{name}" if tracker.server else ""
        return Workplace(directory / name, self.environments, url)


def log(bench: Bench, tracker: Tracker, points: int) -> Figures:
    """Record a run at full speed, and measure its phases, in seconds or us a point."""
    with tempfile.TemporaryDirectory() as directory:
        place = bench.place(tracker, Path(directory))
        done = place.run(tracker, "log", points)
        if "error" in done:
            return {"error": done["error"]}
        size = place.size() + _size_on_server(place)
    logged = done["points"]
    return {
        "thread": _MICRO * (done["last"] - done["first"]) / logged,
        "thread_cpu": _MICRO * (done["last_of_thread"] - done["first_of_thread"]) / logged,
        "cpu_after_start": done["cpu"] - done["first_cpu"],
        "start": done["first"] - done["began"],
        "start_cpu": done["first_cpu"],
        "finish": done["ended"] - done["last"],
        "finish_cpu": done["cpu"] - done["last_cpu"],
        "bytes": size / logged,
    }


def kill(bench: Bench, tracker: Tracker, points: int) -> Figures:
    """Kill a run after its last point, and count what is lost."""
    with tempfile.TemporaryDirectory() as directory:
        place = bench.place(tracker, Path(directory))
        done = place.run(tracker, "kill", points)
        if "error" in done or done["status"] == 0:
            return {"error": done.get("error", "the run was not killed")}
        read = place.run(tracker, "count")
    return {"lost": points - read.get("points", 0), **({"reader": read["error"]} if "error" in read else {})}


def outage(bench: Bench, tracker: Tracker, seconds: int, away: float) -> Figures:
    """Kill the server of a run for some time in its middle, and count what is not there in the end."""
    with served() as (server, directory):
        place = bench.place(tracker, directory, server)
        run = place.start(tracker, "paced", seconds)
        time.sleep((seconds - away) / 2)
        server.kill()
        time.sleep(away)
        server.start()
        done = place.finish(run, "paced")
        if "error" in done:
            return {"error": done["error"]}
        read = place.run(tracker, "count_on_server")
    return {"lost": done["points"] - read.get("points", 0), "logged": done["points"]}


def read(place: Workplace, tracker: Tracker, task: str, values: int) -> Figures:
    """Read many runs, a table or a curve of each, and expect so many values."""
    done = place.run(tracker, task)
    if "error" in done:
        return {"error": done["error"]}
    if done["values"] != values:
        return {"error": f"read {done['values']:,} of {values:,} values"}
    return {"cpu": done["cpu_of_reading"], "wall": done["wall"], "whole": done["ended"] - done["began"]}


def make(place: Workplace, tracker: Tracker, *sizes: int) -> Figures:
    """Record many runs."""
    done = place.run(tracker, "make", *sizes)
    return {"error": done["error"]} if "error" in done else {}


def _size_on_server(place: Workplace) -> float:
    if not place.url:
        return 0.0
    client: pymongo.MongoClient
    with pymongo.MongoClient(place.url) as client:
        stats: dict[str, Any] = client.get_default_database().command("dbStats")
    return float(stats["dataSize"])


Part = Callable[[Bench, Tracker], Figures]
