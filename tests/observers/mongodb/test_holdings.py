"""What a real database holds of runs, after parts of it were lost."""

import pytest

from observers.mongodb import holdings
from observers.mongodb.delivery import Delivery
from observers.mongodb.fingerprint import fingerprint_of
from observers.mongodb.holdings import survey
from observers.stored_runs.stored_run import read_run

pytestmark = pytest.mark.slow


@pytest.fixture
def run(database, recorded):
    directory = recorded(50, artifacts=[("weights.bin", b"\0\1")])
    Delivery(directory, database, pytest.fail).deliver()
    return read_run(directory)


def held(database, run):
    return survey(database, [run.uuid])[run.uuid]


def test_a_delivered_run_is_whole_until_its_directory_changes(database, run):
    assert held(database, run).is_whole(fingerprint_of(run))
    assert held(database, run).points == 52
    (run.directory / "info.json").write_text("{}")
    assert not held(database, run).is_whole(fingerprint_of(run))


LOSSES = {
    "a metric": lambda plain: plain.metrics.delete_one({"name": "train/speed"}),
    "the points of a metric": lambda plain: plain.metrics.update_one(
        {"name": "train/speed"}, {"$set": {"steps": [], "values": [], "timestamps": []}}
    ),
    "one value": lambda plain: plain.metrics.update_one({"name": "train/speed"}, {"$pop": {"values": 1}}),
    "no array": lambda plain: plain.metrics.update_one({"name": "train/speed"}, {"$set": {"values": 7}}),
    "no number of points": lambda plain: plain.metrics.update_one({"name": "train/speed"}, {"$unset": {"points": 1}}),
    "no stride": lambda plain: plain.metrics.update_one({"name": "train/speed"}, {"$set": {"stride": 0}}),
    "a text as the number": lambda plain: plain.metrics.update_one({"name": "train/speed"}, {"$set": {"points": "x"}}),
    "the name of a metric": lambda plain: plain.metrics.update_one({"name": "train/speed"}, {"$unset": {"name": 1}}),
    "all chunks": lambda plain: plain["fs.chunks"].delete_many({}),
    "all files": lambda plain: plain["fs.files"].delete_many({}),
    "an artifact": lambda plain: plain["fs.files"].delete_one({"filename": {"$regex": "^artifact"}}),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_what_was_lost_is_missing_until_the_next_delivery(database, plain, run, loss):
    LOSSES[loss](plain)
    assert held(database, run).missing
    assert not held(database, run).is_whole(fingerprint_of(run))

    repair = Delivery(run.directory, database, pytest.fail)
    repair.deliver()
    assert repair.complete
    assert held(database, run).is_whole(fingerprint_of(run))
    assert database.files.get(plain.runs.find_one()["artifacts"][0]["file_id"]).read() == b"\0\1"


def test_the_holdings_of_many_runs_are_those_of_each(database, run, monkeypatch):
    one = survey(database, [run.uuid])
    monkeypatch.setattr(holdings, "_MOST_NAMED", 0)

    assert survey(database, [run.uuid]) == one
    assert survey(database, ["another"]) == {}


def test_documents_of_other_tools_do_no_harm(database, plain, run):
    plain.metrics.insert_many([{"uuid": run.uuid, "name": 7, "points": "x", "stride": 0}, {"uuid": {"a": []}}, {}])
    plain.runs.insert_many(
        [
            {"_id": {"a": 1}, "info": {"uuid": "b"}, "artifacts": [7], "experiment": []},
            {"_id": "c", "info": [{"uuid": "c"}]},
        ]
    )
    plain["fs.files"].insert_many([{"_id": {"b": 2}}, {"length": "x", "chunkSize": 0}])

    found = survey(database, [run.uuid, "b"])
    assert found["b"].run_id == {"a": 1}
    assert found["b"].missing == []
    assert found[run.uuid].points == 52
    assert survey(database, ["c"]) == {}


def test_a_file_id_that_is_a_document_is_that_of_a_lost_file(database, plain, run):
    artifacts = [{"name": "theirs", "file_id": {"a": 1}}]
    plain.runs.insert_one({"_id": "theirs", "info": {"uuid": "b"}, "artifacts": artifacts})

    assert survey(database, ["b"])["b"].lost_files == {"artifact theirs": {"a": 1}}
