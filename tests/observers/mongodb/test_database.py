import pytest

from observers.mongodb.address import read_address
from observers.mongodb.database import Database


@pytest.mark.slow
def test_an_index_that_the_data_does_not_allow_is_reported_and_the_others_are_created(mongo_url, plain):
    plain.runs.insert_many([{"info": {"uuid": "a"}}, {"info": {"uuid": "a"}}])
    database = Database(read_address(mongo_url), timeout=10.0)
    warnings: list[str] = []
    try:
        database.make_indexes(warnings.append)
    finally:
        database.close()

    assert warnings == [
        "MongoDB cannot create the index on runs info.uuid: DuplicateKey of the unique index on info.uuid"
    ]
    assert "uuid_1_name_1" in plain.metrics.index_information()


def test_a_server_that_does_not_answer_is_named_without_a_password():
    database = Database(read_address("mongodb://name:secret@127.0.0.1:9/runs"), timeout=0.1)

    with pytest.raises(
        ConnectionError, match=r"MongoDB at 127\.0\.0\.1:9/runs does not answer \(connection refused: start"
    ) as raised:
        database.check()
    database.close()
    assert "secret" not in str(raised.value)
