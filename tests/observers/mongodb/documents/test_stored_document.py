"""The run document in a database that other tools and other deliveries write as well."""

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from pymongo.errors import DuplicateKeyError

from observers.mongodb.documents.stored_document import VanishedError, find_or_insert, update

pytestmark = pytest.mark.slow

TIME = datetime(2026, 1, 1)


def insert(database, uuid):
    return find_or_insert(uuid, lambda: {"info": {"uuid": uuid}, "status": "RUNNING"}, database)


@pytest.mark.parametrize("foreign", [1e30, math.inf, math.nan, 2**63 - 1, 2**53, -5, "run", 6.5])
def test_ids_of_other_tools_do_not_keep_a_run_from_its_own(database, plain, foreign):
    plain.runs.insert_many([{"_id": foreign}, {"_id": 5}])

    assert [insert(database, "a"), insert(database, "b"), insert(database, "a")] in ([6, 7, 6], [7, 8, 7])


def test_an_id_is_not_given_twice(database, plain):
    assert [insert(database, "a"), insert(database, "b")] == [1, 2]
    plain.runs.delete_many({})
    plain.metrics.insert_one({"run_id": 7, "name": "train/loss", "steps": [1], "values": [1.0]})

    assert insert(database, "c") == 8


def test_runs_that_are_inserted_at_once_get_different_ids(database):
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: insert(database, f"run {number // 2}"), range(32)))

    assert ids[::2] == ids[1::2]
    assert len(set(ids)) == 16


def test_a_unique_index_of_somebody_else_refuses_the_run_at_once(database, plain):
    plain.runs.create_index("status", name="theirs", unique=True, partialFilterExpression={"status": "RUNNING"})
    insert(database, "a")

    with pytest.raises(DuplicateKeyError):
        insert(database, "b")


def test_an_earlier_state_changes_nothing_and_a_document_that_is_gone_is_noticed(database, plain):
    run_id = insert(database, "a")
    update(run_id, {"status": "COMPLETED", "heartbeat": TIME}, database)
    update(run_id, {"status": "RUNNING", "heartbeat": TIME - timedelta(seconds=1)}, database)
    assert plain.runs.find_one()["status"] == "COMPLETED"

    plain.runs.delete_one({})
    with pytest.raises(VanishedError):
        update(run_id, {"status": "COMPLETED", "heartbeat": TIME}, database)


def test_the_clock_of_the_server_tells_when_a_run_has_shown_life(database, plain):
    run_id = insert(database, "a")
    update(run_id, {"status": "RUNNING", "heartbeat": TIME}, database)
    seen = plain.runs.find_one()["seen"]
    update(run_id, {"status": "RUNNING", "heartbeat": TIME}, database)  # a copy of the directory, delivered again
    assert plain.runs.find_one()["seen"] == seen

    update(run_id, {"status": "RUNNING", "heartbeat": TIME + timedelta(seconds=10)}, database)
    assert plain.runs.find_one()["seen"] > seen
    assert abs(seen - database.now()) < timedelta(minutes=1)
