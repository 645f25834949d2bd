"""Run directories delivered into a real MongoDB, once and again."""

import shutil

import gridfs
import pytest

from observers.directory.journal import JOURNAL
from observers.mongodb.delivery import Delivery
from observers.system.files import read_json, write_json

pytestmark = pytest.mark.slow


def everything(plain):
    """Return all documents except the ids of metrics and files, which are random."""
    metrics = {document["name"]: (document["steps"], document["values"]) for document in plain.metrics.find()}
    runs = [
        {**run, "info": {**run["info"], "metrics": None}, "artifacts": [entry["name"] for entry in run["artifacts"]]}
        for run in plain.runs.find()
    ]
    return metrics, runs, plain["fs.files"].count_documents({})


def test_a_run_is_delivered_completely(database, plain, recorded):
    run = recorded(3, "hello", [("weights.bin", b"\0\1")])
    delivery = Delivery(run, database, pytest.fail)
    delivery.deliver()
    [document] = plain.runs.find()
    entry = read_json(run / "run.json")

    assert delivery.complete
    assert delivery.points == 5
    assert document["_id"] == delivery.run_id == 1
    assert document["status"] == "COMPLETED"
    assert document["result"] == 0.75
    assert document["config"] == {"hidden": 8, "seed": 1}
    assert document["info"]["uuid"] == entry["uuid"]
    assert document["info"]["best_step"] == 20
    assert document["captured_out"] == "hello\n"
    assert document["start_time"].isoformat()[:23] == entry["start_time"][:23]
    assert document["experiment"]["dependencies"] == entry["experiment"]["dependencies"]
    assert {link["name"] for link in document["info"]["metrics"]} == {"train/loss", "train/speed"}
    for link in document["info"]["metrics"]:
        metric = plain.metrics.find_one({"name": link["name"]})
        assert str(metric["_id"]) == link["id"]
        assert metric["run_id"] == 1
    files = gridfs.GridFS(plain)
    assert files.get(document["artifacts"][0]["file_id"]).read() == b"\0\1"
    for name, file_id in document["experiment"]["sources"]:
        assert files.get(file_id).read()
        assert files.get(file_id).filename == name


def test_delivering_again_changes_nothing(database, plain, recorded):
    run = recorded(3, "hello", [("weights.bin", b"\0\1")])
    Delivery(run, database, pytest.fail).deliver()
    once = everything(plain)
    again = Delivery(run, database, pytest.fail)
    again.deliver()
    again.deliver()

    assert everything(plain) == once


def test_a_database_that_was_emptied_gets_everything_again(database, plain, recorded):
    run = recorded(50)
    delivery = Delivery(run, database, pytest.fail)
    delivery.deliver()
    once = everything(plain)
    plain.runs.delete_many({})
    plain.metrics.delete_many({})
    Delivery(run, database, pytest.fail).deliver()

    metrics, [run], files = everything(plain)
    assert (metrics, [{**run, "_id": 1}], files) == once
    assert run["_id"] == 2  # an id is never given twice


def test_an_output_that_outgrows_its_document_is_cut_and_the_file_is_an_artifact(database, plain, recorded):
    run = recorded(text="begin" + "x" * (17 << 20) + "end")
    Delivery(run, database, pytest.fail).deliver()
    [document] = plain.runs.find()

    output = document["captured_out"]
    assert (output[:4], output[-7:]) == ("... ", "xxxend\n")
    assert 8 << 20 < len(output) < 9 << 20
    [artifact] = document["artifacts"]
    assert gridfs.GridFS(plain).get(artifact["file_id"]).read() == (run / "cout.txt").read_bytes()


def test_an_info_that_outgrows_its_document_is_an_artifact(database, plain, recorded):
    run = recorded()
    write_json(run / "info.json", {**read_json(run / "info.json"), "large": "x" * (17 << 20)})
    Delivery(run, database, pytest.fail).deliver()
    Delivery(run, database, pytest.fail).deliver()
    [document] = plain.runs.find()

    assert document["info"]["uuid"] == read_json(run / "run.json")["uuid"]
    assert "among the artifacts" in document["info"]["left_out"]
    assert [artifact["name"] for artifact in document["artifacts"]] == ["info.json"]


def test_items_that_cannot_be_delivered_are_reported_and_the_others_are_delivered(database, plain, recorded):
    run = recorded(3, artifacts=[("lost.bin", b"1"), ("kept.bin", b"2")])
    (run / "lost.bin").unlink()
    with (run / JOURNAL).open("ab") as journal:
        journal.write(b'{"name":"huge","step":1,"value":1%s,"timestamp":"2026-01-01T00:00:00"}\n' % (b"0" * 400))
        journal.write(b"corrupt\n")
        journal.write(b'{"name":"train/speed","step":3,"value":"NaN","timestamp":"2026-01-01T00:00:00"}\n')
    warnings: list[str] = []
    Delivery(run, database, warnings.append).deliver()
    [document] = plain.runs.find()

    assert [artifact["name"] for artifact in document["artifacts"]] == ["kept.bin"]
    assert plain.metrics.find_one({"name": "train/speed"})["steps"] == [0, 1, 2, 3]
    assert document["status"] == "COMPLETED"
    assert len(warnings) == 2
    assert all(line.startswith(f"{run}: ") for line in warnings)
    assert plain.metrics.find_one({"name": "huge"})["values"] == ["1" + "0" * 400]
    assert any("artifact lost.bin" in line for line in warnings)
    assert any("corrupt line at byte" in line for line in warnings)


def test_an_earlier_state_of_a_run_never_replaces_a_later_one(database, plain, recorded, tmp_path):
    run = recorded()
    earlier = tmp_path / "earlier"
    shutil.copytree(run, earlier / "1")
    entry = read_json(run / "run.json")
    write_json(earlier / "1" / "run.json", {**entry, "status": "RUNNING", "heartbeat": entry["start_time"]})
    Delivery(run, database, pytest.fail).deliver()
    Delivery(earlier / "1", database, lambda _: None).deliver()

    assert [document["status"] for document in plain.runs.find()] == ["COMPLETED"]


def test_a_run_gets_the_next_id_after_those_of_other_observers(database, plain, recorded):
    plain.runs.insert_one({"_id": 41, "status": "COMPLETED", "info": {}})
    delivery = Delivery(recorded(), database, pytest.fail)
    delivery.deliver()

    assert delivery.run_id == 42
