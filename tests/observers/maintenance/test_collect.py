"""Orphans of a real database, collected."""

import pytest
from bson import ObjectId

from observers.maintenance.collect import Collection

pytestmark = pytest.mark.slow


def test_uploads_that_were_interrupted_are_listed_and_deleted(database, plain):
    assert Collection(database, minutes=0).is_empty
    plain["fs.chunks"].insert_one({"files_id": ObjectId(), "n": 0, "data": b"1"})
    young = Collection(database, minutes=60)
    assert young.is_empty
    assert [line.split()[0] for line in young.plan()] == ["1"]

    collection = Collection(database, minutes=-1)
    assert list(collection.plan()) == ["1 uploads that were interrupted"]
    collection.execute()
    assert plain["fs.chunks"].count_documents({}) == 0
