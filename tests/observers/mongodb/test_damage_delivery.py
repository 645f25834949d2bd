"""Of runs with torn, corrupt and empty files, each is delivered or named."""

import pytest

from observers.maintenance.listing import list_runs
from observers.maintenance.sync import sync
from tests.observers.damage import DIED, ENDED, failures, named

pytestmark = pytest.mark.slow


def test_damaged_runs_are_delivered_or_named(damaged, database):
    def check(runs):
        for collection in (database.runs, database.metrics, database.file_documents):
            collection.delete_many({})
        warnings: list[str] = []
        delivered = {synced.run.directory.name for synced in sync(runs, database, warnings.append)}
        assert delivered | named(runs, warnings) == {ENDED, DIED}
        again = {synced.run.directory.name for synced in sync(runs, database, warnings.append)}
        assert again == delivered
        assert database.runs.count_documents({}) >= len(delivered)
        list(list_runs(runs, database, warnings.append))

    assert failures(damaged, check, range(100)) == []
