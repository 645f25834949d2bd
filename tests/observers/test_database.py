import pytest

from observers.database import read_address


@pytest.mark.parametrize(
    ("text", "url", "database"),
    [
        ("localhost:27017:runs", "mongodb://localhost:27017", "runs"),
        ("runs", "mongodb://localhost:27017", "runs"),
        ("mongodb://localhost:27017/my%2Druns", "mongodb://localhost:27017/my%2Druns", "my-runs"),
        ("mongodb+srv://cluster.example/runs", "mongodb+srv://cluster.example/runs", "runs"),
    ],
)
def test_an_address_is_sacreds_short_form_or_a_url(text, url, database):
    address = read_address(text)

    assert (address.url, address.database) == (url, database)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("foo:bar", "cannot be read"),
        ("name:secret@localhost:27017/runs", "cannot be read"),
        ("MongoDB://name:secret@localhost:27017/runs", "cannot be read"),
        ("mongodb://localhost:27017", "names no database"),
        ("localhost:27017", "names no database"),
        ("mongodb://localhost:27017/", "names no database"),
        ("mongodb://name:secret@localhost:port/runs", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(address, message):
    with pytest.raises(ValueError, match=message) as raised:
        read_address(address)

    assert "secret" not in str(raised.value)


def test_an_address_is_printed_without_its_password():
    assert repr(read_address("mongodb://name:secret@localhost:27017/runs")) == "localhost:27017/runs"
