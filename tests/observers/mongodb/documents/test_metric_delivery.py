"""Points of a real run that are delivered into a database with the points of others."""

import pytest
from pymongo.errors import DuplicateKeyError

from observers.directory.journal import JOURNAL
from observers.mongodb.delivery import Delivery
from observers.mongodb.documents.metric_delivery import MetricDelivery
from observers.system.files import read_json

pytestmark = pytest.mark.slow


def deliver(run, database, warn=pytest.fail):
    delivery = Delivery(run, database, warn)
    delivery.deliver()
    return delivery


def steps(plain, uuid):
    return plain.metrics.find_one({"uuid": uuid, "name": "train/speed"})["steps"]


def uuid_of(run):
    return read_json(run / "run.json")["uuid"]


def test_points_of_a_run_that_was_deleted_by_hand_stay_its_own(database, plain, recorded):
    first, second = recorded(9), recorded(4)
    deliver(first, database)
    plain.runs.delete_one({})
    deliver(second, database)

    assert steps(plain, uuid_of(second)) == [0, 1, 2, 3]
    assert deliver(first, database).complete
    assert steps(plain, uuid_of(first)) == list(range(9))
    assert plain.metrics.count_documents({}) == 4
    for document in plain.runs.find():  # other tools find the points by the id
        assert plain.metrics.count_documents({"run_id": document["_id"]}) == 2


def test_points_that_sacred_left_under_an_id_are_nobodys(database, plain, recorded):
    plain.metrics.insert_one({"run_id": 1, "name": "train/speed", "steps": [7], "values": [7.0], "timestamps": []})
    run = recorded(3)

    assert deliver(run, database).complete
    assert steps(plain, uuid_of(run)) == [0, 1, 2]


def test_documents_of_an_earlier_version_are_taken_over_if_the_run_refers_to_them(database, plain, recorded):
    run = recorded(5)
    delivered = deliver(run, database)
    plain.metrics.update_many({}, {"$unset": {"uuid": 1}})
    plain.runs.update_one({}, {"$unset": {"delivered": 1}})
    plain.metrics.insert_one({"run_id": delivered.run_id, "name": "train/speed", "points": 1, "stride": 1})

    assert deliver(run, database).complete
    assert steps(plain, uuid_of(run)) == list(range(5))
    assert plain.metrics.count_documents({}) == 3


def test_the_index_of_an_earlier_version_is_replaced(database, plain):
    plain.metrics.drop_indexes()
    plain.metrics.create_index([("run_id", 1), ("name", 1)], unique=True)
    database.make_indexes(pytest.fail)

    assert "unique" not in plain.metrics.index_information()["run_id_1_name_1"]


def test_an_index_that_nobody_may_drop_refuses_the_points_at_once(database, plain, recorded):
    plain.metrics.insert_one({"run_id": 1, "name": "train/speed"})
    plain.metrics.create_index("name", unique=True)

    with pytest.raises(DuplicateKeyError):
        deliver(recorded(3), database)


def test_a_journal_that_lost_points_is_reported_and_mongodb_keeps_its_points(database, plain, recorded):
    run = recorded(20)
    deliver(run, database)
    whole = (run / JOURNAL).read_bytes()
    (run / JOURNAL).write_bytes(whole[: len(whole) // 2])
    warnings: list[str] = []
    deliver(run, database, warnings.append)

    assert steps(plain, uuid_of(run)) == list(range(20))
    assert len(warnings) == 1
    assert "points of train/speed; MongoDB keeps its 20" in warnings[0]


def test_points_that_differ_from_the_journal_are_found(database, plain, recorded):
    run = recorded(20)
    run_id = deliver(run, database).run_id
    metrics = MetricDelivery(run / JOURNAL, database, pytest.fail)
    assert metrics.differing(run_id, uuid_of(run)) == set()

    plain.metrics.update_one({"name": "train/speed"}, {"$set": {"values.7": 0.5}})
    assert metrics.differing(run_id, uuid_of(run)) == {"train/speed"}
    plain.metrics.update_one({"name": "train/speed"}, {"$set": {"values.7": 1.0, "timestamps.3": "yesterday"}})
    assert metrics.differing(run_id, uuid_of(run)) == {"train/speed"}
