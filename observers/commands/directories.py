"""The commands for the runs on disk: list, reap and delete."""

import argparse

from observers.commands.common import Warnings, conditions_of, confirmed, database_of, runs_of
from observers.maintenance.delete.deletion import Deletion
from observers.maintenance.delete.selection import select_for_deletion
from observers.maintenance.listing import dead_line, format_table, list_runs, unrecorded_lines
from observers.maintenance.reap import reap
from observers.mongodb.live import naming_of
from observers.system.stderr import visible, warn


def list_command(arguments: argparse.Namespace) -> int:
    """Show the runs."""
    try:
        database = database_of(arguments)
    except ConnectionError as error:  # the list of the runs on disk is still useful
        warn(f"observers: {error}")
        database = None
    warnings = Warnings()
    conditions = conditions_of(arguments)
    listed = list(list_runs(runs_of(arguments), database, warnings, remark=warn, conditions=conditions))
    print(visible(format_table(listed)))
    dead = dead_line(listed, *naming_of(database.address if database is not None else None))
    if dead is not None:
        warn(dead)
    for line in unrecorded_lines(listed):
        warn(line)
    return min(warnings.count, 1)


def reap_command(arguments: argparse.Namespace) -> int:
    """Mark dead runs."""
    done, warnings = 0, Warnings()
    for line in reap(runs_of(arguments), database_of(arguments), warnings, remark=warn):
        print(visible(line))
        done += 1
    if not done:
        print("no dead runs")
    return min(warnings.count, 1)


def delete_command(arguments: argparse.Namespace) -> int:
    """Delete runs, after confirmation."""
    directories = select_for_deletion(runs_of(arguments), arguments.ids, conditions_of(arguments), warn)
    deletion = Deletion(directories, database_of(arguments))
    for line in deletion.refused:
        warn(f"observers: {line}")
    if not deletion.targets or not confirmed(deletion.plan(), yes=arguments.yes):
        return 1
    problems = deletion.execute()
    for line in problems:
        warn(f"observers: {line}")
    targets = len(deletion.targets)
    print(f"deleted {targets - len(problems)} of {targets}" if problems else "deleted")
    return int(bool(problems or deletion.refused))
