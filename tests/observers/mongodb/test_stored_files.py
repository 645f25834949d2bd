import pytest
from bson import ObjectId

from observers.mongodb.stored_files import artifacts_in, count_chunks, files_of, find_lost, sources_in


def test_what_other_tools_wrote_is_left_out():
    document = {
        "artifacts": [7, {"name": "a", "file_id": 1}, {"name": "without"}],
        "experiment": {"sources": [[], "x", ["b.py", 2], ["c.py", 3, 4]]},
    }

    assert [artifact["name"] for artifact in artifacts_in(document)] == ["a", "without"]
    assert sources_in(document) == [["b.py", 2], ["c.py", 3, 4]]
    assert dict(files_of(document)) == {"artifact a": 1, "source b.py": 2}
    assert list(files_of({"artifacts": 7, "experiment": []})) == []


@pytest.mark.slow
@pytest.mark.parametrize("among_all", [True, False])
def test_files_without_an_entry_or_a_chunk_are_lost(database, plain, among_all):
    whole, cut, gone = database.files.put(b"1"), database.files.put(b"x" * 600_000), ObjectId()
    plain["fs.chunks"].delete_one({"files_id": cut, "n": 1})

    assert dict(count_chunks(database)) == {whole: 1, cut: 2}
    assert dict(count_chunks(database, [whole])) == {whole: 1}
    assert find_lost(database, [whole, cut, gone, {"a": 1}], among_all=among_all) == {cut, gone, "{'a': 1}"}
