"""What interrupted deliveries leave in a real database."""

from datetime import timedelta

import pytest
from bson import ObjectId

from observers.mongodb.delivery import Delivery
from observers.mongodb.orphans import delete_orphans, find_orphans

pytestmark = pytest.mark.slow

NOW = timedelta(0)


@pytest.fixture
def delivered(database, recorded):
    delivery = Delivery(recorded(3, artifacts=[("weights.bin", b"1")]), database, pytest.fail)
    delivery.deliver()
    return delivery


def counts(plain):
    return [plain[name].count_documents({}) for name in ("runs", "metrics", "fs.files", "fs.chunks")]


def test_nothing_that_a_run_refers_to_is_an_orphan(database, plain, delivered):
    before = counts(plain)
    orphans = find_orphans(database, NOW)
    delete_orphans(orphans, database)

    assert (orphans.uploads, orphans.files, orphans.metrics, orphans.young) == ((), (), (), 0)
    assert counts(plain) == before


def test_uploads_files_and_metrics_without_a_run_are_deleted(database, plain, delivered):
    before = counts(plain)
    upload, foreign = ObjectId(), database.files.put(b"of another program", filename="theirs.bin")
    plain["fs.chunks"].insert_many([{"files_id": upload, "n": number, "data": b"1"} for number in range(3)])
    database.files.put(b"2", filename="artifact://runs/9/weights.bin")
    database.files.put(b"3", filename="core/gone.py", metadata={"source_md5": "0"})
    plain.metrics.insert_many([{"run_id": 1, "uuid": "gone", "name": "a"}, {"run_id": 9, "name": "a"}])

    assert find_orphans(database, timedelta(hours=1)).young == 5
    orphans = find_orphans(database, NOW - timedelta(minutes=1))
    assert orphans.uploads == (upload,)
    assert (len(orphans.files), len(orphans.metrics)) == (2, 2)

    delete_orphans(orphans, database)
    assert database.files.get(foreign).read() == b"of another program"
    database.files.delete(foreign)
    assert counts(plain) == before


def test_what_a_run_refers_to_by_now_is_not_deleted(database, plain, delivered):
    file_id = database.files.put(b"2", filename="artifact://runs/1/late.bin")
    orphans = find_orphans(database, NOW - timedelta(minutes=1))
    assert orphans.files == (file_id,)
    plain.runs.update_one({}, {"$push": {"artifacts": {"name": "late.bin", "file_id": file_id}}})
    delete_orphans(orphans, database)

    assert database.files.get(file_id).read() == b"2"
