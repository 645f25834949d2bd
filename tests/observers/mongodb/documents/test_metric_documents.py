"""Points delivered into a real MongoDB, in parts, again, and more than a document holds."""

import random

import incense
import pytest

from observers.directory.journal import JOURNAL
from observers.mongodb.delivery import Delivery
from observers.mongodb.documents import metric_documents

pytestmark = pytest.mark.slow


def test_a_growing_journal_is_delivered_in_parts(database, plain, recorded):
    run = recorded(500)
    whole = (run / JOURNAL).read_bytes()
    (run / JOURNAL).write_bytes(b"")
    delivery = Delivery(run, database, pytest.fail)
    chance = random.Random(1)
    end = 0
    while end < len(whole):
        end += chance.randrange(5000)
        (run / JOURNAL).write_bytes(whole[:end])
        (delivery if chance.random() < 0.7 else Delivery(run, database, pytest.fail)).deliver()

    metric = plain.metrics.find_one({"name": "train/speed"})
    assert metric["steps"] == list(range(500))
    assert metric["values"] == [step / 7 for step in range(500)]


def test_a_metric_that_outgrows_its_document_is_thinned_and_the_journal_is_an_artifact(
    database, plain, recorded, monkeypatch
):
    monkeypatch.setattr(metric_documents, "MOST_POINTS", 100)
    monkeypatch.setattr("observers.directory.journal_reader._CHUNK", 64)
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
