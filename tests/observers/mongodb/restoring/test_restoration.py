"""Files that are too large for documents, restored from a real database."""

import pytest

from observers.mongodb.delivery import Delivery
from observers.mongodb.documents import metric_documents
from observers.mongodb.restoring.restoration import Restoration
from observers.system.files import read_json, write_json

pytestmark = pytest.mark.slow


def test_what_is_too_large_for_a_document_is_restored_from_the_artifacts(database, plain, recorded, monkeypatch):
    monkeypatch.setattr(metric_documents, "MOST_POINTS", 100)
    run = recorded(500, "x" * (9 << 20))
    write_json(run / "info.json", {**read_json(run / "info.json"), "large": "x" * (2 << 20)})
    Delivery(run, database, pytest.fail).deliver()
    names = ("info.json", "metrics.jsonl", "cout.txt")
    before = {name: (run / name).read_bytes() for name in names}
    for name in names:
        (run / name).unlink()
    restoration = Restoration(run, run.parent, plain.runs.find_one(), database, pytest.fail)
    restoration.restore()

    assert {name: (run / name).read_bytes() for name in names} == before
    assert set(names) <= set(restoration.restored)
    again = Restoration(run, run.parent, plain.runs.find_one(), database, pytest.fail)
    again.restore()
    assert again.restored == []
