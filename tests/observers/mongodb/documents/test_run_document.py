"""The document of a run, small enough for MongoDB."""

import math
from datetime import datetime

import pytest

from observers.mongodb.documents import run_document
from observers.mongodb.documents.run_document import make_document
from observers.stored_runs.stored_run import StoredRun


@pytest.fixture
def run(tmp_path):
    """Make a run from the entries of run.json, info and output."""

    def make(*, info=None, output="", **entry):
        (tmp_path / "cout.txt").write_text(output)
        entry = {"status": "COMPLETED", "uuid": "a", "heartbeat": "2026-11-23T12:00:00", **entry}
        return StoredRun(tmp_path, entry, {"hidden": 8}, {"uuid": "a", **(info or {})}, ())

    return make


def content(run, warn=pytest.fail):
    return make_document(run, [["a.py", 1]], [{"name": "loss", "id": "2"}], warn).content


def test_a_document_has_the_entries_of_sacreds_observer(run):
    document = content(
        run(
            experiment={"name": "small", "sources": [["a.py", "_sources/a_0.py"]]},
            resources=[["/data/b.txt", "_resources/b_0123.txt"]],
            artifacts=["c"],
            result="NaN",
            output="hello\n",
        )
    )

    assert document["experiment"] == {"name": "small", "sources": [["a.py", 1]]}
    assert document["info"] == {"uuid": "a", "metrics": [{"name": "loss", "id": "2"}]}
    assert document["config"] == {"hidden": 8}
    assert document["heartbeat"] == datetime(2026, 11, 23, 12)
    assert document["resources"] == [["/data/b.txt", "0123"]]
    assert math.isnan(document["result"])
    assert document["captured_out"] == "hello\n"
    assert "artifacts" not in document


@pytest.mark.parametrize(
    ("status", "end"),
    [("RUNNING", "... 14 bytes before this\neben"), ("COMPLETED", "... 11 bytes before this\n sieben")],
)
def test_a_long_output_is_cut_to_its_end(run, monkeypatch, status, end):
    monkeypatch.setattr(run_document, "LARGEST_OUTPUT", 7)
    monkeypatch.setattr(run_document, "_LARGEST_LIVE_OUTPUT", 4)

    assert content(run(output="fünf sechs sieben", status=status))["captured_out"] == end


def test_an_entry_that_is_too_large_is_replaced_by_its_size(run):
    made = make_document(run(info={"large": "x" * (2 << 20)}, host={"large": "x" * (2 << 20)}), [], [], pytest.fail)

    assert made.content["info"]["uuid"] == "a"
    assert made.content["info"]["left_out"].endswith(" bytes, among the artifacts")
    assert made.content["host"].endswith(" bytes, among the artifacts")
    assert made.oversize == {"info.json", "run.json"}


def test_only_the_value_that_bson_cannot_encode_is_delivered_as_text(run):
    document = content(run(host={"name": "\ud800", "memory": 2**70, "cores": 2, "a\0b": 1}), pytest.fail)

    assert document["host"] == {"name": "\\ud800", "memory": str(2**70), "cores": 2, "a\\0b": 1}
