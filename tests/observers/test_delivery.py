"""Run directories delivered into a real MongoDB, whole and in parts, once and again."""

import random
import shutil

import gridfs
import incense
import pymongo
import pytest

from observers import series
from observers.database import Database, read_address
from observers.delivery import Delivery
from observers.files import read_json, write_json
from observers.journal import JOURNAL

pytestmark = pytest.mark.slow


@pytest.fixture
def database(mongo_url):
    database = Database(read_address(mongo_url), patience=10.0)
    database.make_indexes(print)
    yield database
    database.close()


@pytest.fixture
def plain(mongo_url):
    """The database as pymongo has it."""
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        yield client.get_default_database()


@pytest.fixture
def recorded(tmp_path, run_recorded):
    """Record a run with so many points of one metric; what it printed, and its artifacts."""

    def record(points=0, text="", artifacts=()):
        def body(run):
            for step in range(points):
                run.log_scalar("train/speed", step / 7, step)
            print(text)
            for name, content in artifacts:
                source = tmp_path / "source"
                source.write_bytes(content)
                run.add_artifact(source, name)

        run_recorded(tmp_path / "runs", body=body, copy_output=True)
        return max((tmp_path / "runs").glob("[0-9]*"))

    return record


def everything(plain):
    """All documents but for the ids of metrics and files, which are random."""
    metrics = {document["name"]: (document["steps"], document["values"]) for document in plain.metrics.find()}
    runs = [
        {**run, "info": {**run["info"], "metrics": None}, "artifacts": [entry["name"] for entry in run["artifacts"]]}
        for run in plain.runs.find()
    ]
    return metrics, runs, plain["fs.files"].count_documents({})


def test_a_run_is_delivered_with_all_that_it_is(database, plain, recorded):
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


def test_a_journal_that_grows_is_delivered_part_by_part(database, plain, recorded):
    run = recorded(500)
    whole = (run / JOURNAL).read_bytes()
    (run / JOURNAL).write_bytes(b"")
    delivery = Delivery(run, database, pytest.fail)
    shuffled = random.Random(1)
    end = 0
    while end < len(whole):
        end += shuffled.randrange(5000)
        (run / JOURNAL).write_bytes(whole[:end])
        (delivery if shuffled.random() < 0.7 else Delivery(run, database, pytest.fail)).deliver()

    metric = plain.metrics.find_one({"name": "train/speed"})
    assert metric["steps"] == list(range(500))
    assert metric["values"] == [step / 7 for step in range(500)]


def test_a_database_that_has_forgotten_gets_everything_again(database, plain, recorded):
    run = recorded(50)
    delivery = Delivery(run, database, pytest.fail)
    delivery.deliver()
    once = everything(plain)
    plain.runs.delete_many({})
    plain.metrics.delete_many({})
    Delivery(run, database, pytest.fail).deliver()

    assert everything(plain) == once


def test_a_metric_that_outgrows_its_document_is_thinned_and_the_whole_is_an_artifact(
    database, plain, recorded, monkeypatch
):
    monkeypatch.setattr(series, "MOST_POINTS", 100)
    monkeypatch.setattr("observers.journal._CHUNK", 64)
    run = recorded(1001)
    whole = (run / JOURNAL).read_bytes()
    (run / JOURNAL).write_bytes(b"".join(whole.splitlines(keepends=True)[:777]))
    delivery = Delivery(run, database, pytest.fail)
    delivery.deliver()
    (run / JOURNAL).write_bytes(whole)
    delivery.deliver()
    metric = plain.metrics.find_one({"name": "train/speed"})
    [document] = plain.runs.find()

    assert metric["stride"] == 16
    assert metric["points"] == 1001
    assert metric["steps"] == list(range(0, 1001, 16))
    assert metric["values"] == [step / 7 for step in range(0, 1001, 16)]
    [artifact] = document["artifacts"]
    assert artifact["name"] == JOURNAL


def test_an_output_that_outgrows_its_document_is_its_tail_and_the_whole_an_artifact(database, plain, recorded):
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


def test_what_cannot_be_delivered_is_said_and_takes_nothing_else_with_it(database, plain, recorded):
    run = recorded(3, artifacts=[("lost.bin", b"1"), ("kept.bin", b"2")])
    (run / "lost.bin").unlink()
    with (run / JOURNAL).open("ab") as journal:
        journal.write(b'{"name":"huge","step":1,"value":1%s,"timestamp":"2026-01-01T00:00:00"}\n' % (b"0" * 400))
        journal.write(b"bitten\n")
        journal.write(b'{"name":"train/speed","step":3,"value":"NaN","timestamp":"2026-01-01T00:00:00"}\n')
    said: list[str] = []
    Delivery(run, database, said.append).deliver()
    [document] = plain.runs.find()

    assert [artifact["name"] for artifact in document["artifacts"]] == ["kept.bin"]
    assert plain.metrics.find_one({"name": "train/speed"})["steps"] == [0, 1, 2, 3]
    assert document["status"] == "COMPLETED"
    assert len(said) == 3
    assert all(line.startswith(f"{run}: ") for line in said)
    assert any("metric huge" in line for line in said)
    assert any("artifact lost.bin" in line for line in said)
    assert any("is no point" in line for line in said)


def test_sources_are_stored_once_for_all_runs(database, plain, recorded):
    for _ in range(2):
        Delivery(recorded(), database, pytest.fail).deliver()
    first, second = plain.runs.find()

    assert first["experiment"]["sources"] == second["experiment"]["sources"] != []
    assert plain["fs.files"].count_documents({}) == len(first["experiment"]["sources"])


def test_an_earlier_state_of_a_run_never_replaces_a_later_one(database, plain, recorded, tmp_path):
    run = recorded()
    earlier = tmp_path / "earlier"
    shutil.copytree(run, earlier / "1")
    entry = read_json(run / "run.json")
    write_json(earlier / "1" / "run.json", {**entry, "status": "RUNNING", "heartbeat": entry["start_time"]})
    Delivery(run, database, pytest.fail).deliver()
    Delivery(earlier / "1", database, lambda _: None).deliver()

    assert [document["status"] for document in plain.runs.find()] == ["COMPLETED"]


def test_a_run_beside_those_of_sacreds_own_observer_gets_the_next_id(database, plain, recorded):
    plain.runs.insert_one({"_id": 41, "status": "COMPLETED", "info": {}})
    delivery = Delivery(recorded(), database, pytest.fail)
    delivery.deliver()

    assert delivery.run_id == 42


def test_incense_reads_values_that_are_not_finite(database, mongo_url, recorded):
    run = recorded()
    with (run / JOURNAL).open("ab") as journal:
        journal.write(b'{"name":"a","step":1,"value":"NaN","timestamp":"2026-01-01T00:00:00"}\n')
        journal.write(b'{"name":"a","step":2,"value":"-Infinity","timestamp":"2026-01-01T00:00:00"}\n')
    Delivery(run, database, pytest.fail).deliver()
    address, _, name = mongo_url.rpartition("/")
    [loaded] = incense.ExperimentLoader(mongo_uri=address, db_name=name).find_all()

    assert loaded.metrics["a"].dtype == float
    assert loaded.metrics["a"].tolist()[1] == float("-inf")
    assert loaded.metrics["a"].isna().tolist() == [True, False]
