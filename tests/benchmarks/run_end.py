"""Measures how long a run takes to end: seconds from its last point, by the number of points, and of processor time.

    python -m tests.benchmarks.run_end [--points 10000 200000 2000000] [--repeats 5]

A run logs all points as fast as it can, so that little can be prepared before the end; its directory is in the
current one, since /tmp may be in memory. With a real MongoDB, the end includes the wait for the last delivery, which
is five seconds at most, and the processor time is that of the run alone.
"""

import functools
import tempfile
from pathlib import Path

from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Figures, with_range
from tests.benchmarks.measuring.processes import Run, module, run_in_fork, run_python
from tests.mongod import served


def main() -> None:
    """Print a line for each number of points, without MongoDB and with it."""
    parser = make_parser("tests.benchmarks.run_end", __doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 200_000, 2_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = read_arguments(parser, tiny={"points": [200], "repeats": 1})
    measure = functools.partial(record, run_in_fork if arguments.tiny else run_python)
    with served() as (server, _):
        for points in arguments.points:
            pairs = [(measure(points), measure(points, f"{server.url}/end")) for _ in range(arguments.repeats)]
            for title, side in zip(("directory", "directory and MongoDB"), zip(*pairs, strict=True), strict=True):
                print(format_end(points, title, side))


def record(run: Run, points: int, *url: str) -> Figures:
    """Record a run in a process of its own."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        return run(*module("tests.benchmarks.recorded.points", str(points), directory, *url)).figures


def format_end(points: int, title: str, figures: tuple[Figures, ...]) -> str:
    """Format the seconds of the end, and the microseconds of logging a point."""
    wall, processor = ([each[name] for each in figures] for name in ("end", "end_processor"))
    logging = [each["logging"] / points * 1e6 for each in figures]
    return (
        f"{points:,} points, {title}: the end takes {with_range(wall, '.3f')} s,"
        f" {with_range(processor, '.3f')} s of processor time; before it, a point takes {with_range(logging)} us"
        " of processor time in all threads"
    )


if __name__ == "__main__":
    main()
