"""python -m observers: deliver, list, declare dead and delete recorded runs."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pymongo.errors import PyMongoError

from observers.database import Database, read_address
from observers.stored_runs import find_run
from observers.upkeep import Removal, list_runs, reap, sync, told

_PATIENCE = 5.0  # seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.function(arguments))
    except (ValueError, OSError, PyMongoError) as error:
        print(f"observers: {told(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("observers: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m observers", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="{sync,list,reap,delete}")
    for name, function, text in (
        ("sync", _sync, "deliver into MongoDB whatever is missing there; once more changes nothing"),
        ("list", _list, "show the runs, how they ended, and what of them is in MongoDB"),
        ("reap", _reap, "write DEAD for what says RUNNING and is not"),
        ("delete", _delete, "remove runs on disk and in MongoDB, after a yes"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(function=function)
        if name == "delete":
            command.add_argument("ids", nargs="+", metavar="ID", help="of a run")
            command.add_argument("--yes", action="store_true", help="do not ask")
        else:
            command.add_argument(
                "place", nargs="?", metavar="RUNS", help="the directory of the runs; runs when not said"
            )
        command.add_argument("-F", dest="runs", default="runs", metavar="RUNS", help="the same, as an option")
        command.add_argument(
            "-m", dest="address", metavar="URL", help="of MongoDB with the database; $MONGO_URL when not said"
        )
    return parser


def _runs(arguments: argparse.Namespace) -> Path:
    return Path(getattr(arguments, "place", None) or arguments.runs)


def _database(arguments: argparse.Namespace) -> Database | None:
    """Connect to the database, None when none is named."""
    address = arguments.address or os.environ.get("MONGO_URL")
    if not address:
        return None
    database = Database(read_address(address), patience=_PATIENCE)
    database.check()
    return database


def _sync(arguments: argparse.Namespace) -> int:
    database = _database(arguments)
    if database is None:
        raise ValueError("where is MongoDB? -m URL or the variable MONGO_URL says")
    troubles = 0

    def say(line: str) -> None:
        nonlocal troubles
        troubles += 1
        _say(line)

    for run, delivery in sync(_runs(arguments), database, say):
        print(f"{run.directory} is {delivery.run_id} in MongoDB: {run.status}, {delivery.points} points")
    return min(troubles, 1)


def _list(arguments: argparse.Namespace) -> int:
    try:
        database = _database(arguments)
    except ConnectionError as error:  # what is on disk is all the more of interest
        _say(f"observers: {error}")
        database = None
    rows = [("run", "status", "result", "points", "in MongoDB")]
    for listed in list_runs(_runs(arguments), database, _say):
        if listed.run_id is None:
            delivered = "no" if database is not None else "?"
        else:
            state = "all" if listed.complete else f"{listed.delivered} points"
            delivered = f"{listed.run_id}: {state}"
        result = listed.run.entry.get("result")
        shown = f"{result:.6g}" if isinstance(result, float) else "" if result is None else str(result)[:20]
        rows.append((listed.run.directory.name, listed.run.status, shown, str(listed.points), delivered))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _reap(arguments: argparse.Namespace) -> int:
    dead = 0
    for name in reap(_runs(arguments), _database(arguments), _say):
        print(f"{name} is DEAD")
        dead += 1
    if not dead:
        print("nothing was dead")
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    runs = _runs(arguments)
    removal = Removal([find_run(runs, name) for name in arguments.ids], _database(arguments))
    for line in removal.plan():
        print(line)
    if not arguments.yes and not _agrees():
        print("nothing was deleted")
        return 1
    removal.carry_out()
    print("deleted")
    return 0


def _agrees() -> bool:
    try:
        return input("delete all of this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
