"""Sources and artifacts in a real GridFS."""

import gridfs
import pytest

from observers.mongodb.delivery import Delivery

pytestmark = pytest.mark.slow


def test_sources_are_stored_once_for_all_runs(database, plain, recorded):
    for _ in range(2):
        Delivery(recorded(), database, pytest.fail).deliver()
    first, second = plain.runs.find()

    assert first["experiment"]["sources"] == second["experiment"]["sources"] != []
    assert plain["fs.files"].count_documents({}) == len(first["experiment"]["sources"])


def test_a_missing_source_is_reported(database, plain, recorded):
    run = recorded()
    for path in (run.parent / "_sources").iterdir():
        path.unlink()
    warnings: list[str] = []
    Delivery(run, database, warnings.append).deliver()

    assert warnings
    assert all(line.startswith(f"{run}: source ") for line in warnings)
    assert [document["status"] for document in plain.runs.find()] == ["COMPLETED"]


def test_an_artifact_is_stored_with_its_content_type(database, plain, recorded):
    Delivery(recorded(artifacts=[("weights.bin", b"\0\1"), ("notes.txt", b"a")]), database, pytest.fail).deliver()
    [document] = plain.runs.find()
    files = gridfs.GridFS(plain)
    stored = {artifact["name"]: files.get(artifact["file_id"]) for artifact in document["artifacts"]}

    assert stored["weights.bin"].read() == b"\0\1"
    assert stored["notes.txt"].filename == "artifact://runs/1/notes.txt"
    assert plain["fs.files"].find_one({"filename": "artifact://runs/1/notes.txt"})["contentType"] == "text/plain"
