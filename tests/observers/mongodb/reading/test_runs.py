"""Runs read back from their documents, beside whatever else is in the database."""

from datetime import timedelta
from typing import Any

import bson
import pytest
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument

from observers.mongodb.delivery import Delivery
from observers.mongodb.reading.runs import read_runs
from observers.stored_runs.stored_run import read_run
from observers.system.process import this_process

pytestmark = pytest.mark.slow

FOREIGN: list[dict[str, Any]] = [
    {},
    {"status": "COMPLETED"},
    {"status": "COMPLETED", "info": {"uuid": 7}},
    {"status": ["COMPLETED"], "info": {"uuid": "a"}},
    {"status": "COMPLETED", "info": {"uuid": "\x1b[2J"}},
    {"status": "COMPLETED", "info": {"uuid": "b" * 1000}},
]
STRANGE: list[dict[str, Any]] = [
    {"config": 7, "experiment": [7], "process": 7, "heartbeat": "then", "host": None, "omniboard": 7},
    {"experiment": {"sources": 7}, "config": {"seed": {"a": [None]}}},
    {"experiment": {"sources": [7, [], ["a"], ["a", {"b": 1}], [7, 7], ["a", 7]]}},
    {"heartbeat": DatetimeMS(2**62), "start_time": DatetimeMS(-(2**62))},
    {"process": {**this_process(), "pid": 2**62}},
]


@pytest.fixture
def run(run_recorded, tmp_path, database):
    """A completed run that is delivered, as it is on disk."""
    run_recorded(tmp_path / "runs")
    Delivery(tmp_path / "runs" / "1", database, pytest.fail).deliver()
    return read_run(tmp_path / "runs" / "1")


def change(plain, **fields):
    plain.runs.update_one({"info.uuid": {"$exists": True}}, {"$set": fields})


def test_a_run_is_read_as_it_is_on_disk_but_for_its_files(run, database):
    [read] = read_runs(database, {"status": "COMPLETED"})

    assert (read.uuid, read.status, read.config, read.info) == (run.uuid, run.status, run.config, run.info)
    assert read.entry["result"] == run.entry["result"]
    assert sorted(read.entry["experiment"]["sources"]) == sorted(run.entry["experiment"]["sources"])
    assert (str(read.directory), read.document_id, read.goes_on) == ("MongoDB run 1", 1, False)


def test_the_server_chooses_the_runs(run, database, plain):
    plain.runs.insert_one({"_id": 7, "status": "COMPLETED", "info": {"uuid": "b"}, "experiment": {"mainfile": "b.py"}})
    found = list(read_runs(database, {"experiment.mainfile": "b.py"}))

    assert [read.document_id for read in found] == [7]
    assert list(read_runs(database, {"status": "FAILED"})) == []


def test_tags_and_notes_are_those_of_omniboard(run, database, plain):
    change(plain, omniboard={"tags": ["good"], "notes": "a text"})
    [read] = read_runs(database, {})

    assert (read.notes.tags, read.notes.text) == (("good",), "a text")


@pytest.mark.parametrize(("minutes", "goes_on"), [(0, True), (10, False)])
def test_a_run_elsewhere_goes_on_while_the_server_has_seen_it_lately(run, database, plain, minutes, goes_on):
    seen = database.now() - timedelta(minutes=minutes)
    change(plain, status="RUNNING", process={"hostname": "elsewhere"}, seen=seen)
    [read] = read_runs(database, {})

    assert read.goes_on is goes_on


def test_documents_of_other_tools_are_left_out(run, database, plain):
    plain.runs.insert_many([{"_id": 100 + number, **document} for number, document in enumerate(FOREIGN)])

    assert [read.uuid for read in read_runs(database, {})] == [run.uuid]


@pytest.mark.parametrize("fields", STRANGE)
@pytest.mark.parametrize("status", ["COMPLETED", "RUNNING"])
def test_an_entry_of_another_form_counts_as_missing(run, database, plain, status, fields):
    change(plain, status=status, **fields)
    [read] = read_runs(database, {})

    assert (read.uuid, read.status) == (run.uuid, status)
    assert isinstance(read.config, dict)
    assert all(isinstance(name, str) and copy for name, copy in read.entry["experiment"]["sources"])


@pytest.mark.parametrize("run_id", [-1.5, "a\x1b[2J", "b" * 1000, {"a": 1}])
def test_an_id_that_no_line_could_show_is_replaced(database, plain, run_id):
    plain.runs.insert_one({"_id": run_id, "status": "COMPLETED", "info": {"uuid": "a"}})
    [read] = read_runs(database, {})

    assert str(read.directory) == f"MongoDB run {run_id if run_id in (-1.5, {'a': 1}) else '?'}"


def test_text_in_another_encoding_is_read(database, plain):
    content = bson.encode({"_id": 1, "status": "COMPLETED", "info": {"uuid": "a"}, "config": {"name": "zwolf"}})
    plain.runs.insert_one(RawBSONDocument(content.replace(b"zwolf", b"zw\xf6lf")))
    [read] = read_runs(database, {})

    assert read.config == {"name": "zw\N{REPLACEMENT CHARACTER}lf"}
