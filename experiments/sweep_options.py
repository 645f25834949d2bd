"""Reads the command line of a sweep."""

import argparse
import os
from collections.abc import Sequence
from typing import NoReturn

from experiments.settings import LARGEST_SEED, RefusedError

_MOST = 100_000
_EXAMPLES = """\
values:
  hidden=16,32,64  seed=0..4  hidden=16..64..16     lists and ranges, in every combination
  "learning_rate~loguniform(1e-4,1e-1)" --runs 50   draws; also uniform(a,b), choice(a,b,c)
  fast                                              a named config, or the config.json of a run

What the directory of runs has already, with the same config and sources, is not run again, and what was interrupted
goes on. A run that fails does not end the sweep. Ctrl-C does: each run keeps its state, and the same command goes
on."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RefusedError(f"{message} (--help tells what there is)")


def read_request(arguments: Sequence[str]) -> argparse.Namespace:
    """Read what is asked for: `experiment`, `values`, `jobs`, `runs`, `draw_seed`, `again`, and options of every run.

    Raises:
        RefusedError: when it cannot be read.
    """
    parser = _Parser(
        prog="python experiments/sweep.py",
        usage="%(prog)s EXPERIMENT [NAME=VALUES ...] [OPTIONS]",
        description="Runs an experiment for every point of a grid, each run as if it had been started alone.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("experiment", metavar="EXPERIMENT", help="parity, number or another script in experiments/")
    parser.add_argument(
        "values", metavar="NAME=VALUES", nargs="*", help="what varies, or a named config; all else is default"
    )
    processors = len(os.sched_getaffinity(0))
    parser.add_argument("-j", "--jobs", type=_count, default=processors, help=f"runs at once ({processors} here)")
    parser.add_argument("--runs", type=_count, help="how many draws")
    parser.add_argument(
        "--draw-seed",
        type=_seed,
        default=0,
        metavar="SEED",
        help="fixes the draws; it is no seed of a run (0)",
    )
    parser.add_argument("--again", action="store_true", help="run what is there already")
    parser.add_argument("-F", "--file_storage", metavar="RUNS", help="the directory of the runs (runs)")
    parser.add_argument("-m", "--mongo_db", metavar="URL", help="deliver them to MongoDB as well")
    parser.add_argument("-e", "--enforce_clean", action="store_true", help="refuse sources that are not of a commit")
    asked = parser.parse_intermixed_args(arguments)
    asked.values = [word for word in asked.values if word != "with"]
    return asked


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 to {_MOST}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 10 or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 to {LARGEST_SEED}")
    return int(text)
