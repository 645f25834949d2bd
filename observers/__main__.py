"""Maintains recorded runs: python -m observers sync, list, reap or delete."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pymongo.errors import PyMongoError

from observers.maintenance.delete import Deletion
from observers.maintenance.listing import format_table, list_runs
from observers.maintenance.reap import reap
from observers.maintenance.sync import sync
from observers.mongodb.address import VARIABLE, find_address
from observers.mongodb.database import Database, error_name
from observers.stored_runs.runs_directory import find_run
from observers.system.stderr import warn
from observers.system.streams import protect_output

_TIMEOUT = 5.0  # seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Execute a command, and return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.function(arguments))
    except PyMongoError as error:
        warn(f"observers: MongoDB does not answer ({error_name(error)})")
        return 1
    except (ValueError, OSError) as error:
        warn(f"observers: {error}")
        return 1
    except KeyboardInterrupt:
        warn("observers: interrupted")
        return 128 + signal.SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m observers", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="{sync,list,reap,delete}")
    for name, function, text in (
        ("sync", _sync, "deliver into MongoDB what is missing there; delivering again changes nothing"),
        ("list", _list, "show the runs, their status and result, and how much of them is in MongoDB"),
        ("reap", _reap, "mark runs as DEAD that are recorded as RUNNING but no longer run"),
        ("delete", _delete, "delete runs on disk and in MongoDB, after confirmation"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(function=function)
        if name == "delete":
            command.add_argument("ids", nargs="+", metavar="ID", help="the id of a run")
            command.add_argument("--yes", action="store_true", help="delete without confirmation")
        else:
            command.add_argument("place", nargs="?", metavar="RUNS", help="the directory of the runs (default: runs)")
        command.add_argument("-F", dest="runs", default="runs", metavar="RUNS", help="the same, as an option")
        command.add_argument(
            "-m", dest="address", metavar="URL", help=f"the URL of MongoDB with the database (default: ${VARIABLE})"
        )
    return parser


def _runs(arguments: argparse.Namespace) -> Path:
    return Path(getattr(arguments, "place", None) or arguments.runs)


def _database(arguments: argparse.Namespace) -> Database | None:
    """Connect to the database, if the command line or the environment names one."""
    address = find_address(arguments.address)
    if address is None:
        return None
    database = Database(address, timeout=_TIMEOUT)
    database.check()
    return database


def _sync(arguments: argparse.Namespace) -> int:
    database = _database(arguments)
    if database is None:
        raise ValueError(f"missing the address of MongoDB: give -m URL or set {VARIABLE}")
    warnings: list[str] = []

    def count(line: str) -> None:
        warnings.append(line)
        warn(line)

    for run, delivery in sync(_runs(arguments), database, count):
        print(f"{run.directory} is {delivery.run_id} in MongoDB: {run.status}, {delivery.points} points")
    return min(len(warnings), 1)


def _list(arguments: argparse.Namespace) -> int:
    try:
        database = _database(arguments)
    except ConnectionError as error:  # the list of the runs on disk is still useful
        warn(f"observers: {error}")
        database = None
    print(format_table(list_runs(_runs(arguments), database, warn)))
    return 0


def _reap(arguments: argparse.Namespace) -> int:
    marked = 0
    for name in reap(_runs(arguments), _database(arguments), warn):
        print(f"{name} is DEAD")
        marked += 1
    if not marked:
        print("no dead runs")
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    runs = _runs(arguments)
    deletion = Deletion([find_run(runs, name) for name in arguments.ids], _database(arguments))
    for line in deletion.plan():
        print(line)
    if not arguments.yes and not _confirmed():
        print("nothing was deleted")
        return 1
    deletion.execute()
    print("deleted")
    return 0


def _confirmed() -> bool:
    try:
        return input("delete all of this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    protect_output()
    sys.exit(main())
