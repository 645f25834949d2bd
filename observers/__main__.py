"""Maintains recorded runs: python -m observers sync, list, reap, tag, note or delete."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

try:
    from pymongo.errors import PyMongoError

    from observers.arguments import make_parser
    from observers.maintenance.annotate import annotate, check_text, read_tags
    from observers.maintenance.delete import Deletion
    from observers.maintenance.listing import format_table, list_runs
    from observers.maintenance.reap import reap
    from observers.maintenance.sync import sync
    from observers.mongodb.address import VARIABLE, find_address
    from observers.mongodb.database import Database, error_name
    from observers.stored_runs.notes import Notes
    from observers.stored_runs.selection import select_runs
    from observers.system.stderr import visible, warn, without_password
    from observers.system.streams import protect_output
except Exception as error:
    from observers.system.environment import exit_outside_environment

    exit_outside_environment(error)
    raise

_TIMEOUT = 5.0  # seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Execute a command, and return the exit status."""
    arguments = make_parser(__doc__).parse_args(argv)
    try:
        return int(_COMMANDS[arguments.command](arguments))
    except PyMongoError as error:
        warn(f"observers: MongoDB does not answer ({error_name(error)})")
        return 1
    except (ValueError, OSError) as error:
        warn(without_password(f"observers: {error}"))
        return 1
    except KeyboardInterrupt:
        warn("observers: interrupted")
        return 128 + signal.SIGINT


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

    unchanged = 0
    for synced in sync(_runs(arguments), database, count, verify=arguments.verify):
        if synced.was_there:
            unchanged += 1
            continue
        run = synced.run
        print(visible(f"{run.directory} is {synced.run_id} in MongoDB: {run.status}, {synced.points} points"))
        if synced.missing:
            count(f"{run.directory}: not in MongoDB yet: {', '.join(synced.missing)}")
    if unchanged:
        how = "with the same contents" if arguments.verify else "and unchanged"
        print(f"{unchanged} {'run was' if unchanged == 1 else 'runs were'} there before, {how}")
    return min(len(warnings), 1)


def _list(arguments: argparse.Namespace) -> int:
    try:
        database = _database(arguments)
    except ConnectionError as error:  # the list of the runs on disk is still useful
        warn(f"observers: {error}")
        database = None
    print(visible(format_table(list_runs(_runs(arguments), database, warn))))
    return 0


def _reap(arguments: argparse.Namespace) -> int:
    marked = 0
    for name in reap(_runs(arguments), _database(arguments), warn):
        print(f"{name} is DEAD")
        marked += 1
    if not marked:
        print("no dead runs")
    return 0


def _tag(arguments: argparse.Namespace) -> int:
    add, remove = read_tags(arguments.add), read_tags(arguments.remove, new=False)
    change = partial(Notes.with_tags, add=add, remove=remove) if add or remove else None
    return _annotate(arguments, change, lambda notes: ", ".join(notes.tags) or "no tags")


def _note(arguments: argparse.Namespace) -> int:
    change = None
    if arguments.add is not None:
        if not arguments.add.strip():
            raise ValueError('the note is empty; --set "" removes a note')
        change = partial(Notes.with_text, text=check_text(arguments.add))
    elif arguments.set is not None:
        change = partial(replace, text=check_text(arguments.set))
    return _annotate(arguments, change, lambda notes: (notes.text or "no note").replace("\n", "\n  "))


def _annotate(
    arguments: argparse.Namespace, change: Callable[[Notes], Notes] | None, show: Callable[[Notes], str]
) -> int:
    """Change the notes of runs, or only show them; a database that is away gets them with the next `sync`."""
    try:
        directories = select_runs(_runs(arguments), arguments.ids, _conditions(arguments), warn)
    except ValueError as error:
        if change is not None:
            raise
        raise ValueError(f"{error}; to write a {arguments.command}, give --add") from None
    database, problem = None, None
    if change is not None:
        try:
            database = _database(arguments)
        except ConnectionError as error:
            problem = error
    for directory, notes in annotate(directories, change or (lambda notes: notes), database):
        print(visible(f"{directory}: {show(notes)}"))
    if problem is not None:
        warn(f"observers: {problem}; the change is on disk, and sync delivers it")
    return int(problem is not None)


def _conditions(arguments: argparse.Namespace) -> str | None:
    """Return the conditions of all options --where, which must all hold."""
    return " ".join(arguments.where) if arguments.where is not None else None


def _delete(arguments: argparse.Namespace) -> int:
    directories = select_runs(_runs(arguments), arguments.ids, _conditions(arguments), warn)
    deletion = Deletion(directories, _database(arguments))
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


_COMMANDS = {"sync": _sync, "list": _list, "reap": _reap, "tag": _tag, "note": _note, "delete": _delete}

if __name__ == "__main__":
    protect_output()
    sys.exit(main())
