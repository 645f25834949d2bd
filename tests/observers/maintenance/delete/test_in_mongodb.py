import pytest

from observers.maintenance.delete.in_mongodb import StoredCopies
from observers.mongodb.stored_files import artifacts_in

pytestmark = pytest.mark.slow


def put_run(plain, database, run_id, uuid, **entries):
    artifact = database.files.put(b"artifact", filename=f"artifact of {run_id}")
    document = {
        "_id": run_id,
        "info": {"uuid": uuid},
        "artifacts": [{"name": "a", "file_id": artifact}],
        "experiment": {"sources": []},
        **entries,
    }
    plain.runs.insert_one(document)
    plain.metrics.insert_one({"run_id": run_id, "uuid": uuid, "name": "loss"})
    return artifact


def test_a_run_is_deleted_with_its_metrics_and_the_files_that_only_it_has(plain, database):
    shared, own = (database.files.put(b"source", filename=name) for name in ("shared.py", "own.py"))
    put_run(plain, database, 1, "a", experiment={"sources": [["shared.py", shared], ["own.py", own]]})
    kept = put_run(plain, database, 2, "b", experiment={"sources": [["shared.py", shared]]})
    copies = StoredCopies(database, {"a", "c"})

    assert list(copies.documents) == ["a"]
    copies.delete({"a", "c"})
    assert plain.runs.distinct("_id") == plain.metrics.distinct("run_id") == [2]
    assert set(plain["fs.files"].distinct("_id")) == set(plain["fs.chunks"].distinct("files_id")) == {shared, kept}
    copies.delete({"a", "c"})


def test_metrics_are_those_of_the_uuid_whatever_their_run_id(plain, database):
    put_run(plain, database, 1, "a")
    plain.metrics.drop_indexes()
    plain.metrics.insert_many(
        [
            {"_id": "of earlier versions", "run_id": 1, "name": "accuracy"},
            {"_id": "left of a deleted run", "run_id": 1, "uuid": "gone", "name": "words"},
            {"_id": "under another id", "run_id": 7, "uuid": "a", "name": "depth"},
        ]
    )
    StoredCopies(database, {"a"}).delete({"a"})

    assert plain.metrics.distinct("_id") == ["left of a deleted run"]


def test_a_file_that_another_run_names_as_its_artifact_stays(plain, database):
    shared = put_run(plain, database, 1, "a")
    put_run(plain, database, 2, "b", artifacts=[{"name": "copy", "file_id": shared}])
    StoredCopies(database, {"a"}).delete({"a"})

    assert shared in plain["fs.files"].distinct("_id")


@pytest.mark.parametrize("artifacts", [None, 7, "text", [None, 7, {}, {"file_id": []}], {"file_id": 1}])
@pytest.mark.parametrize("experiment", [None, 7, {}, {"sources": 7}, {"sources": [7, [], ["x"], ["x", []]]}])
def test_what_another_tool_wrote_is_deleted_as_well(plain, database, artifacts, experiment):
    put_run(plain, database, 1, "a", artifacts=artifacts, experiment=experiment)
    put_run(plain, database, 2, "b", artifacts=artifacts, experiment=experiment)
    StoredCopies(database, {"a"}).delete({"a"})

    assert plain.runs.distinct("_id") == [2]


def test_the_artifacts_of_a_document_are_mappings():
    assert artifacts_in({"artifacts": [{"name": "a"}, None, 7]}) == [{"name": "a"}]
    assert artifacts_in({"artifacts": "torn"}) == artifacts_in({}) == []
