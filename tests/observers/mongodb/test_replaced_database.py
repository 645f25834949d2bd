"""A real database that is dropped, or restored from an older backup, while a run is delivered into it."""

import time
from contextlib import suppress

import pytest
from pymongo.errors import BulkWriteError

from observers.mongodb import delivery_thread
from observers.mongodb.delivery import Delivery
from observers.mongodb.documents.stored_document import VanishedError
from observers.mongodb.holdings import survey
from observers.stored_runs.stored_run import read_run

pytestmark = pytest.mark.slow

COLLECTIONS = ("runs", "metrics", "fs.files", "fs.chunks", "run_ids")


def backup(plain):
    return {name: list(plain[name].find()) for name in COLLECTIONS}


def restore(plain, documents):
    """Put the documents back as they were; what a delivery inserts meanwhile is deleted as well."""
    for name in COLLECTIONS:
        is_restored = False
        while not is_restored:
            plain[name].delete_many({})
            with suppress(BulkWriteError):
                if documents[name]:
                    plain[name].insert_many(documents[name])
                is_restored = True


@pytest.mark.usefixtures("patient_delivery")
@pytest.mark.parametrize("loss", ["dropped", "restored"])
def test_a_run_that_ends_after_its_database_was_replaced_is_there_as_a_whole(
    loss, tmp_path, mongo_url, plain, run_recorded, monkeypatch
):
    monkeypatch.setattr(delivery_thread, "_INTERVAL", 0.05)

    def await_points(count):
        deadline = time.monotonic() + 30
        while (plain.metrics.find_one({"name": "a"}) or {"points": 0})["points"] < count:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def body(run):
        for step in range(100):
            run.log_scalar("a", step / 7, step)
            if step == 30:
                await_points(30)
                documents = backup(plain)
            if step == 80:
                await_points(80)
                for name in COLLECTIONS:
                    plain[name].delete_many({})
                if loss == "restored":
                    restore(plain, documents)

    run_recorded(tmp_path, mongo_url, body)
    [document] = plain.runs.find()

    assert document["status"] == "COMPLETED"
    assert plain.metrics.find_one({"name": "a"})["steps"] == list(range(100))
    assert document["delivered"]["points"] == 102


def test_a_document_that_vanishes_during_a_delivery_is_an_error_and_the_next_delivery_succeeds(
    database, plain, recorded, monkeypatch
):
    run = recorded(3, artifacts=[("weights.bin", b"1")])
    delivery = Delivery(run, database, pytest.fail)
    deliver_metrics = delivery._metrics.deliver

    def vanish(*arguments):
        deliver_metrics(*arguments)
        plain.runs.delete_many({})

    with monkeypatch.context() as patched:
        patched.setattr(delivery._metrics, "deliver", vanish)
        with pytest.raises(VanishedError):
            delivery.deliver()
    assert not delivery.complete

    delivery.deliver()
    assert delivery.complete
    uuid = read_run(run).uuid
    assert survey(database, [uuid])[uuid].missing == []
