"""`sync`, `restore` and `collect` with a real MongoDB, as a user types them."""

import shutil

import pytest
from bson import ObjectId

from observers.__main__ import main
from observers.system.files import read_json

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def address(mongo_url, monkeypatch):
    monkeypatch.setenv("MONGO_URL", mongo_url)


def said(capsys, *arguments, status=0):
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == status
    return capsys.readouterr()


def in_mongodb(capsys, runs):
    return [line.rpartition(": ")[2] for line in said(capsys, "list", runs).out.splitlines()[1:]]


def test_a_second_sync_finds_nothing_to_do(runs, capsys):
    assert len(said(capsys, "sync", runs).out.splitlines()) == 3
    assert said(capsys, "sync", runs).out == "3 runs were there before, and unchanged\n"
    assert said(capsys, "sync", runs, "--verify").out == "3 runs were there before, with the same contents\n"


def test_list_says_all_only_of_what_is_there(runs, capsys, plain):
    said(capsys, "sync", runs)
    assert in_mongodb(capsys, runs) == ["all"] * 3
    plain["fs.chunks"].delete_many({})
    plain.metrics.update_one({"run_id": 1}, {"$set": {"values": []}})
    plain.runs.update_one({"_id": 2}, {"$unset": {"config": 1}})

    assert in_mongodb(capsys, runs)[0] == "lost metric train/loss and 1 more"
    assert all(cell.startswith("lost ") for cell in in_mongodb(capsys, runs)[1:])
    assert said(capsys, "sync", runs).out.count("delivered again what MongoDB had lost: ") == 3
    assert in_mongodb(capsys, runs) == ["all"] * 3


def test_verify_replaces_contents_that_differ(runs, capsys, plain):
    said(capsys, "sync", runs)
    plain.metrics.update_one({"run_id": 2}, {"$set": {"values.1": 7.5}})
    plain["fs.chunks"].update_one({}, {"$set": {"data": b"x"}})
    said(capsys, "sync", runs)
    assert plain.metrics.find_one({"run_id": 2})["values"] == [0.5, 7.5]

    plain.runs.update_one({"_id": 3}, {"$set": {"config.seed": 7}})
    out = said(capsys, "sync", runs, "--verify").out
    assert f"{runs / '2'}: delivered again what MongoDB had lost: metric train/loss" in out
    assert f"{runs / '3'}: delivered again what MongoDB had lost: " in out
    assert "entry config" in out
    assert plain.runs.find_one({"_id": 3})["config"]["seed"] == 1
    assert said(capsys, "sync", runs, "--verify").out == "3 runs were there before, with the same contents\n"
    assert plain.metrics.find_one({"run_id": 2})["values"] == [0.5, 0.25]
    assert plain["fs.chunks"].count_documents({"data": b"x"}) == 0


def test_what_a_directory_has_lost_stays_in_mongodb_and_is_written_back(runs, capsys, plain):
    (runs / "1" / "cout.txt").write_text("a line\n")
    said(capsys, "sync", runs)
    before = [{**run, "delivered": None} for run in plain.runs.find()]
    (runs / "1" / "cout.txt").write_bytes(b"")
    (runs / "1" / "config.json").unlink()
    shutil.rmtree(runs / "_sources")

    error = said(capsys, "sync", runs, status=1).err
    assert error.splitlines()[-1].endswith(f"-m observers restore -F {runs}")
    assert [{**run, "delivered": None} for run in plain.runs.find()] == before

    assert "restored" in said(capsys, "restore", runs).out
    assert (runs / "1" / "cout.txt").read_text() == "a line\n"
    assert read_json(runs / "1" / "config.json") == {"hidden": 8, "seed": 1}
    assert said(capsys, "restore", runs).out.startswith("nothing to restore")
    said(capsys, "sync", runs)
    assert in_mongodb(capsys, runs) == ["all"] * 3


def test_links_and_copies_are_told_and_not_delivered(runs, capsys, plain):
    shutil.copytree(runs / "1", runs / "4")
    (runs / "latest").symlink_to("3")
    (runs / "9").mkdir()

    error = said(capsys, "sync", runs).err
    assert "is a copy of" in error
    assert "is a link to" in error
    assert plain.runs.count_documents({}) == 3


def test_a_run_that_the_database_refuses_does_not_keep_the_others(runs, capsys, plain):
    plain.runs.create_index("status", unique=True, partialFilterExpression={"status": "COMPLETED"})

    error = said(capsys, "sync", runs, status=1).err
    assert error.count("MongoDB does not accept it (DuplicateKeyError of the unique index on status)") == 2
    assert plain.runs.count_documents({}) == 1


def test_orphans_are_collected_after_confirmation(capsys, plain, monkeypatch):
    plain["fs.chunks"].insert_one({"files_id": ObjectId(), "n": 0, "data": b"1"})
    assert "1 more are younger than 60 minutes" in said(capsys, "collect").out
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert "nothing was deleted" in said(capsys, "collect", "--minutes", "0", status=1).out
    assert said(capsys, "collect", "--minutes", "0", "--yes").out.splitlines()[-1] == "deleted"
    assert plain["fs.chunks"].count_documents({}) == 0
