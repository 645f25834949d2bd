"""Files whose contents are damaged, on disk or in a real GridFS."""

import pytest

from observers.mongodb.delivery import Delivery
from observers.mongodb.documents.file_contents import find_damaged
from observers.mongodb.holdings import survey
from observers.stored_runs.stored_run import read_run

pytestmark = pytest.mark.slow


@pytest.fixture
def run(database, recorded):
    directory = recorded(3, artifacts=[("weights.bin", b"\0\1")])
    Delivery(directory, database, pytest.fail).deliver()
    return read_run(directory)


def damaged(database, run):
    warnings: list[str] = []
    files = survey(database, [run.uuid])[run.uuid].files
    return {name.split()[0] for name in find_damaged(run, files, database, warnings.append)}, warnings


def damage_chunks(plain, length):
    for chunk in plain["fs.chunks"].find():
        plain["fs.chunks"].update_one({"_id": chunk["_id"]}, {"$set": {"data": b"x" * (length or len(chunk["data"]))}})


def test_files_are_the_same_on_both_sides(database, run):
    assert damaged(database, run) == (set(), [])


@pytest.mark.parametrize("length", [None, 1])
def test_contents_that_are_damaged_in_mongodb_are_replaced(database, plain, run, length):
    damage_chunks(plain, length)
    assert damaged(database, run) == ({"artifact", "source"}, [])

    Delivery(run.directory, database, pytest.fail).deliver(compare_contents=True)
    assert damaged(database, run) == (set(), [])


def test_contents_that_are_damaged_on_disk_replace_nothing(database, plain, run):
    (run.directory / "weights.bin").write_bytes(b"\0\0")
    [source] = (run.directory.parent / "_sources").iterdir()
    source.write_bytes(b"")
    files, warnings = damaged(database, run)
    assert files == set()
    assert sorted(line.rpartition(" is ")[2] for line in warnings) == ["damaged on disk, and whole in MongoDB"] * 2

    Delivery(run.directory, database, warnings.append).deliver(compare_contents=True)
    assert database.files.get(plain.runs.find_one()["artifacts"][0]["file_id"]).read() == b"\0\1"
    assert all(file["length"] > 1 for file in plain["fs.files"].find())


def test_contents_that_are_damaged_on_both_sides_are_named(database, plain, run):
    (run.directory / "weights.bin").write_bytes(b"\0\0")
    damage_chunks(plain, None)

    assert damaged(database, run)[1] == ["artifact weights.bin is damaged on disk and in MongoDB"]
