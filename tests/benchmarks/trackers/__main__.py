"""Compares this project with other trackers: what a point costs, what a kill loses, what reading takes.

    python -m tests.benchmarks.trackers [--peers ours wandb ...] [--parts log kill outage read] [--repeats 5]
                                        [--again ours ...]

Each tracker records as its quick start does, in an environment of its own, which the first call installs into --cache
(6 GB). A figure is the median of --repeats, which alternate between the trackers. All that was measured is kept in
results.json there, after each measurement; the next call goes on with what is missing, and --again measures a tracker
anew. The tables are printed at the end, and are in table.md at any time.
"""

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.trackers import parts
from tests.benchmarks.trackers.catalogue import TRACKERS
from tests.benchmarks.trackers.comparison import Comparison
from tests.benchmarks.trackers.environments import default_cache
from tests.benchmarks.trackers.results import Results
from tests.benchmarks.trackers.table import Sizes, make_table
from tests.mongod import served

_PARTS = ("log", "kill", "outage", "read")
_TINY = {
    "points": [20, 40],
    "killed": 20,
    "seconds": 1,
    "away": 0.1,
    "runs": 2,
    "metrics": 2,
    "points_read": 2,
    "repeats": 1,
    "peers": ["ours_mongodb"],
}
"""It needs no environment but that of the project."""


def main() -> None:
    """Measure what is missing, and print the tables."""
    arguments = _read_arguments()
    sizes = Sizes(**{name: getattr(arguments, name) for name in Sizes.__annotations__})
    if arguments.tiny:
        with tempfile.TemporaryDirectory() as place:
            compare(Path(place), arguments, sizes)
    else:
        arguments.cache.mkdir(parents=True, exist_ok=True)
        compare(arguments.cache, arguments, sizes)


def _read_arguments() -> argparse.Namespace:
    parser = make_parser("tests.benchmarks.trackers", __doc__)
    names = list(TRACKERS)
    parser.add_argument("--peers", nargs="+", default=names, choices=names, metavar="PEER", help=", ".join(names))
    parser.add_argument("--parts", nargs="+", default=_PARTS, choices=_PARTS)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--again", nargs="+", default=[], choices=names, metavar="PEER", help="measure these anew")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="default: %(default)s")
    parser.add_argument(
        "--longest", type=float, default=60.0, help="seconds; a run at full speed over it has no repeats"
    )
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000], help="of the runs at full speed")
    parser.add_argument("--killed", type=int, default=10_000, help="points of the runs that are killed")
    parser.add_argument("--seconds", type=int, default=80, help="of the runs that lose their server")
    parser.add_argument("--away", type=float, default=45.0, help="seconds without it")
    parser.add_argument("--runs", type=int, default=500, help="that are read")
    parser.add_argument("--metrics", type=int, default=20, help="of each")
    parser.add_argument("--points-read", type=int, default=100, help="of each metric")
    return read_arguments(parser, tiny=_TINY)


def compare(cache: Path, arguments: argparse.Namespace, sizes: Sizes) -> None:
    """Measure what is missing in the results of a cache, and print the tables."""
    results = Results(cache / "results.json")
    for name in arguments.again:
        results.forget(name)
    trackers = [TRACKERS[name] for name in arguments.peers]
    with served() as (server, _):
        bench = parts.Bench(None if arguments.tiny else cache, server)
        comparison = Comparison(bench, results, trackers, arguments.repeats, sizes, cache / "table.md")
        comparison.install()
        if "log" in arguments.parts:
            comparison.log(arguments.longest)
        if "kill" in arguments.parts:
            comparison.kill()
        if "outage" in arguments.parts:
            comparison.outage()
        if "read" in arguments.parts:
            comparison.read()
    print(make_table(results, sizes))


if __name__ == "__main__":
    main()
