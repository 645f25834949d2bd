"""Measures what reading many recorded runs costs: seconds of processor time from a source to a table, and to curves.

    python -m tests.benchmarks.reading [--runs 10000] [--metrics 20] [--points 10] [--repeats 3]

The runs are copies of one that the observer records, with an id of their own, in a directory and in a real MongoDB. A
table takes the last value of every metric, curves all points of one metric. The peer reads what a table needs from the
directory with json alone: run.json, config.json, info.json and metrics.json of each run. Each side is a process of its
own, in turn; the start of Python and the imports are not counted.
"""

import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sacred import Experiment

from analysis.loading import load_runs
from analysis.tables import table
from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver
from observers.maintenance.sync import sync
from observers.mongodb.address import read_address
from observers.mongodb.database import Database
from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.processes import module, run_in_fork, run_python
from tests.mongod import served

_BATCH = 500  # documents that are inserted at once


def main() -> None:
    """Print the seconds of each side."""
    if len(sys.argv) == 4 and sys.argv[1] == "side":
        print(json.dumps(measure(_SIDES[sys.argv[2]], sys.argv[3])))
        return
    parser = make_parser("tests.benchmarks.reading", __doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--metrics", type=int, default=20)
    parser.add_argument("--points", type=int, default=10, help="of each metric")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = read_arguments(parser, tiny={"runs": 20, "points": 2, "repeats": 1})
    run = run_in_fork if arguments.tiny else run_python
    with tempfile.TemporaryDirectory() as place, served() as (server, _):
        url = f"{server.url}/reading"
        make_runs(Path(place), url, arguments.runs, arguments.metrics, arguments.points)
        rounds = [
            [
                run(*module("tests.benchmarks.reading", "side", side, source)).figures
                for side, source in (
                    ("table", place),
                    ("table", url),
                    ("curves", place),
                    ("curves", url),
                    ("json", place),
                )
            ]
            for _ in range(arguments.repeats)
        ]
    print(f"{arguments.runs} runs of {arguments.metrics} metrics with {arguments.points} points each, medians")
    titles = (
        "table, directory",
        "table, MongoDB",
        "one curve of each, directory",
        "one curve of each, MongoDB",
        "json alone",
    )
    for title, figures in zip(titles, zip(*rounds, strict=True), strict=True):
        cpu, wall = (statistics.median(figure[name] for figure in figures) for name in ("cpu", "wall"))
        print(f"{title}: {cpu:.2f} s of processor time, {wall:.2f} s in all")


def make_runs(place: Path, url: str, runs: int, metrics: int, points: int) -> None:
    """Record a run, and copy it with other ids and seeds into a directory and a database."""
    with tempfile.TemporaryDirectory() as original:
        directory = _record(Path(original), metrics, points)
        files = {name: (directory / name).read_text() for name in ("config.json", "info.json", "run.json")}
        points_files = {
            name: (directory / name).read_bytes() for name in ("metrics.json", "metrics.jsonl", "cout.txt")
        }
        database = Database(read_address(url), timeout=60)
        list(sync(Path(original), database, print))
    first = json.loads(files["run.json"])["uuid"]
    document: dict[str, Any] = database.runs.find_one({"info.uuid": first}) or {}
    stored = list(database.metrics.find({"run_id": document["_id"]}))
    copies: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for number in range(document["_id"] + 1, runs + 1):
        name = uuid.uuid4().hex
        (place / str(number)).mkdir()
        for file, text in files.items():
            (place / str(number) / file).write_text(
                text.replace(first, name).replace('"seed": 0', f'"seed": {number}')
            )
        for file, content in points_files.items():
            (place / str(number) / file).write_bytes(content)
        info, config = {**document["info"], "uuid": name}, {**document["config"], "seed": number}
        owner = {"run_id": number, "uuid": name}
        ids = [{**metric, "_id": f"{number}/{metric['name']}", **owner} for metric in stored]
        copies.append(({**document, "_id": number, "info": info, "config": config}, ids))
        if len(copies) == _BATCH or number == runs:
            database.runs.insert_many([run for run, _ in copies])
            database.metrics.insert_many([metric for _, metrics_of_run in copies for metric in metrics_of_run])
            copies = []


def measure(read: Callable[[str], int], source: str) -> dict[str, float]:
    """Read a source, and return the seconds that it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    if not read(source):
        raise ValueError(f"nothing was read from {source}")
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def _read_table(source: str) -> int:
    return len(table(load_runs(source)))


def _read_curves(source: str) -> int:
    return sum(len(run.metrics["metric/0"]) for run in load_runs(source))


def _read_json(source: str) -> int:
    names = ("run.json", "config.json", "info.json", "metrics.json")
    return sum(bool(json.loads((path / name).read_bytes())) for path in Path(source).iterdir() for name in names)


_SIDES: dict[str, Callable[[str], int]] = {"table": _read_table, "curves": _read_curves, "json": _read_json}


def _record(place: Path, metrics: int, points: int) -> Path:
    experiment = Experiment("reading", base_dir=str(place), save_git_info=False)
    observer = RunDirectoryObserver(place)
    experiment.observers.append(observer)
    experiment.add_config(seed=0, hidden=64, **{f"entry_{number}": number for number in range(30)})

    @experiment.main
    def log(_run: Any) -> None:
        log_points_at_once(_run)
        for step in range(points):
            for number in range(metrics):
                _run.log_scalar(f"metric/{number}", 0.1 * step, step)

    experiment.run(options={"--loglevel": "ERROR"})
    if observer.directory is None:
        raise RuntimeError("no run was recorded")
    return observer.directory


if __name__ == "__main__":
    main()
