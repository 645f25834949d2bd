"""Delivers runs that were torn, bitten and emptied: what can be delivered is, and the rest is named."""

import pytest

from observers.database import Database, read_address
from observers.upkeep import list_runs, sync
from tests.observers.damage import DIED, ENDED, failures, named

pytestmark = pytest.mark.slow


def test_damaged_runs_are_delivered_or_named(damaged, mongo_url):
    database = Database(read_address(mongo_url), patience=10.0)

    def check(runs):
        for collection in (database.runs, database.metrics, database.file_documents):
            collection.delete_many({})
        said: list[str] = []
        delivered = {run.directory.name for run, _ in sync(runs, database, said.append)}
        assert delivered | named(runs, said) == {ENDED, DIED}
        again = {run.directory.name for run, _ in sync(runs, database, said.append)}
        assert again == delivered
        assert database.runs.count_documents({}) >= len(delivered)
        list(list_runs(runs, database, said.append))

    try:
        assert failures(damaged, check, range(100)) == []
    finally:
        database.close()
