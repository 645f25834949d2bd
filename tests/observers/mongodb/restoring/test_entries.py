from datetime import datetime

from bson import ObjectId

from observers.mongodb.documents.notes_delivery import notes_in
from observers.mongodb.restoring.entries import artifacts_of, config_of, info_of


def test_entries_become_json_again():
    document = {
        "config": {"seed": 1},
        "info": {"uuid": "a", "metrics": [], "time": datetime(2026, 1, 1), "id": ObjectId("0" * 24)},
        "omniboard": {"tags": ["new", "good", 7], "notes": "a text"},
        "artifacts": [{"name": "a", "file_id": 1}, {"name": 7, "file_id": 2}, 8],
    }

    assert config_of(document) == {"seed": 1}
    assert info_of(document) == {"uuid": "a", "time": "2026-01-01T00:00:00.000000", "id": "0" * 24}
    assert (notes_in(document["omniboard"]).tags, notes_in(document["omniboard"]).text) == (("good", "new"), "a text")
    assert list(artifacts_of(document)) == [("a", 1)]


def test_what_a_document_holds_in_part_is_not_restored():
    assert config_of({"config": "9 bytes, among the artifacts"}) is None
    assert info_of({"info": {"uuid": "a", "left_out": "9 bytes, among the artifacts"}}) is None
    assert notes_in(None).tags == ()
    assert list(artifacts_of({"artifacts": None})) == []
