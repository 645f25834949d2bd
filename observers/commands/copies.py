"""The commands for the copy in MongoDB: sync, restore and collect."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from observers.commands.common import Warnings, confirmed, needed_database_of, runs_of
from observers.maintenance.collect import Collection
from observers.maintenance.restore import RestoredRun, restore
from observers.maintenance.sync import sync
from observers.mongodb.live import naming_of
from observers.stored_runs.selection import read_ids
from observers.system.shell import typed_program, typed_storage
from observers.system.stderr import visible, warn

_MOST_NAMED = 5  # losses of a run
_MOST_SOURCES = 2  # that are named of each restored run


def sync_command(arguments: argparse.Namespace) -> int:
    """Deliver what is missing."""
    database, warnings, unchanged = needed_database_of(arguments), Warnings(), 0
    for synced in sync(runs_of(arguments), database, warnings, remark=warn, verify=arguments.verify):
        if synced.was_there:
            unchanged += 1
            continue
        run = synced.run
        print(visible(f"{run.directory} is {synced.run_id} in MongoDB: {run.status}, {synced.points} points"))
        if synced.repaired:
            print(visible(f"{run.directory}: delivered again what MongoDB had lost: {_shortened(synced.repaired)}"))
        if synced.missing:
            warnings(f"{run.directory}: not in MongoDB yet: {', '.join(synced.missing)}")
    if warnings.speak_of("MongoDB keeps"):
        how, option = naming_of(database.address)
        command = f"{typed_program()} -m observers restore{typed_storage(runs_of(arguments))}{option}"
        warn(f"{how}to write back what MongoDB keeps: {command}")
    if unchanged:
        how = "with the same contents" if arguments.verify else "and unchanged"
        print(f"{unchanged} {'run was' if unchanged == 1 else 'runs were'} there before, {how}")
    return min(warnings.count, 1)


def restore_command(arguments: argparse.Namespace) -> int:
    """Restore what is damaged or gone."""
    database, warnings, count, whole = needed_database_of(arguments), Warnings(), 0, 0
    runs, ids = runs_of(arguments), arguments.ids
    if len(ids) == 1 and not ids[0].isdecimal() and Path(ids[0]).is_dir() and not (Path(ids[0]) / "run.json").exists():
        runs, ids = Path(ids[0]), []  # as sync and list take the directory
    for run in restore(runs, ids, database, warnings, mongodb_ids=read_ids(arguments.mongodb_ids)):
        count += 1
        what = "the run" if run.is_new else _listed(run.files)
        print(visible(f"{run.directory}: restored {what} from {run.run_id} in MongoDB{_renamed(run)}"))
        whole += run.is_new
    if whole:
        print("files of a run that were no artifacts, such as checkpoints, are not in MongoDB")
    if not count:
        print("nothing to restore: no run is damaged or gone that MongoDB has from here")
    return min(warnings.count, 1)


def _shortened(names: Sequence[str]) -> str:
    further = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + further


def _renamed(run: RestoredRun) -> str:
    return f"; it was run {run.former}, which is another run by now" if run.directory.name != run.former else ""


def _listed(files: Sequence[str]) -> str:
    """Name restored files, and count the sources."""
    sources = [name for name in files if name.startswith("source ")]
    named = sources if len(sources) <= _MOST_SOURCES else [f"{len(sources)} sources"]
    return ", ".join([*named, *(name for name in files if name not in set(sources))])


def collect_command(arguments: argparse.Namespace) -> int:
    """Delete what no run in MongoDB refers to."""
    collection = Collection(needed_database_of(arguments), minutes=arguments.minutes)
    if collection.is_empty:
        for line in collection.plan():
            print(line)
        print("nothing to collect")
        return 0
    if not confirmed(collection.plan(), yes=arguments.yes):
        return 1
    collection.execute()
    print("deleted")
    return 0
