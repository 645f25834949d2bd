"""Delivers recorded runs into MongoDB."""

from collections.abc import Iterator
from pathlib import Path

from pymongo.errors import ConnectionFailure, PyMongoError

from observers.mongodb.database import Database, error_name
from observers.mongodb.delivery import Delivery
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun
from observers.system.stderr import Warn


def sync(runs: Path, database: Database, warn: Warn) -> Iterator[tuple[StoredRun, Delivery]]:
    """Deliver all runs of a directory; a run that cannot be delivered is reported and skipped.

    Yields:
        Each run that was delivered.

    Raises:
        PyMongoError: the database does not answer.
    """
    database.make_indexes(warn)
    for run in read_runs(runs, warn):
        delivery = deliver(run, database, warn)
        if delivery is not None:
            yield run, delivery


def deliver(run: StoredRun, database: Database, warn: Warn) -> Delivery | None:
    """Deliver a run; None if it cannot be delivered, which is reported.

    Raises:
        ConnectionFailure: the database does not answer.
    """
    delivery = Delivery(run.directory, database, warn)
    try:
        delivery.deliver()
    except ConnectionFailure:
        raise
    except PyMongoError as error:
        warn(f"skipped {run.directory}: MongoDB does not accept it ({error_name(error)})")
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        warn(f"skipped {run.directory}: {error}")
        return None
    return delivery
