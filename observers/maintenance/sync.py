"""Delivers recorded runs into MongoDB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from observers.errors import line_of_error, reason_of
from observers.maintenance.delete.in_mongodb import StoredCopies
from observers.mongodb.database import Database
from observers.mongodb.delivery import Delivery
from observers.mongodb.documents.gridfs_files import sources_of
from observers.mongodb.fingerprint import fingerprint_of
from observers.mongodb.holdings import Holding, survey
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun
from observers.system.stderr import Warn

_MD5_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"


@dataclass(frozen=True)
class SyncedRun:
    """A run that is in MongoDB.

    Attributes:
        run: on disk.
        run_id: the `_id` there.
        points: that it has there.
        was_there: whether the whole run was there before.
        missing: the names of what is still not there.
        repaired: the names of what was lost or damaged there, and was delivered again.
    """

    run: StoredRun
    run_id: Any
    points: int
    was_there: bool
    missing: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()


def sync(
    runs: Path, database: Database, warn: Warn, *, remark: Warn | None = None, verify: bool = False
) -> Iterator[SyncedRun]:
    """Deliver all runs of a directory; a run that cannot be delivered is reported and skipped.

    Args:
        runs: the directory.
        database: to deliver into.
        warn: called with each run that is damaged or skipped.
        remark: called with what is left out and is no damage, such as links; None is `warn`.
        verify: compare the contents of what is there already, and replace what differs.

    Yields:
        Each run that is in the database.

    Raises:
        ValueError: there is no such directory.
        PyMongoError: the database does not answer.
    """
    database.make_indexes(warn)
    stored = list(read_runs(runs, warn, remark))
    holdings = survey(database, {run.uuid for run in stored})
    copies = _source_copies(runs)
    for run in stored:
        holding = holdings.get(run.uuid)
        is_unchanged = holding is not None and _is_unchanged(run, holding)
        is_whole = all(copy in copies for _, copy in sources_of(run))
        if holding is not None and is_unchanged and is_whole and not verify:
            yield SyncedRun(run, holding.run_id, holding.points, was_there=True)
            continue
        delivery = deliver(run, database, warn, verify=verify)
        if delivery is not None:
            yield SyncedRun(
                run,
                delivery.run_id,
                delivery.points,
                was_there=is_unchanged and not (delivery.missing or delivery.repaired),
                missing=tuple(delivery.missing),
                repaired=tuple(delivery.repaired),
            )


def deliver(run: StoredRun, database: Database, warn: Warn, *, verify: bool = False) -> Delivery | None:
    """Deliver a run; None if it cannot be delivered, which is reported, or if it was deleted meanwhile.

    Raises:
        ConnectionFailure: the database does not answer.
    """
    problems: list[str] = []
    delivery = _try(Delivery(run.directory, database, problems.append), verify, problems, run)
    if run.directory.parent.is_dir() and not run.directory.exists():  # somebody has deleted it
        with suppress(OperationFailure):
            StoredCopies(database, [run.uuid]).delete([run.uuid])
        return None
    for problem in problems:
        warn(problem)
    return delivery


def _try(delivery: Delivery, verify: bool, problems: list[str], run: StoredRun) -> Delivery | None:
    try:
        delivery.deliver(compare_contents=verify)
    except ConnectionFailure:
        raise
    except PyMongoError as error:
        problems.append(f"skipped {run.directory}: MongoDB does not accept it ({reason_of(error)})")
        return None
    except Exception as error:  # of a damaged run, which must not keep the others from being delivered
        problems.append(f"skipped {run.directory}: {line_of_error(error)}")
        return None
    return delivery


def _source_copies(runs: Path) -> set[str]:
    """Return the copies of sources in a directory of runs, as runs name them; an empty one was lost."""
    with suppress(OSError), os.scandir(runs / "_sources") as entries:
        return {
            f"_sources/{entry.name}"
            for entry in entries
            if entry.stat(follow_symlinks=False).st_size or _MD5_OF_NOTHING in entry.name
        }
    return set()


def _is_unchanged(run: StoredRun, holding: Holding) -> bool:
    """Tell whether a run has ended, and both sides are as the last delivery left them."""
    if run.status == "RUNNING" or holding.status != run.status or holding.has_new_notes:
        return False
    return holding.is_whole(fingerprint_of(run))
