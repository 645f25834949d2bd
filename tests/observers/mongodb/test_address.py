import pytest

from observers.mongodb.address import find_address, read_address


@pytest.mark.parametrize(
    ("text", "url", "database"),
    [
        ("localhost:27017:runs", "mongodb://localhost:27017", "runs"),
        ("runs", "mongodb://localhost:27017", "runs"),
        ("mongodb://localhost:27017/my%2Druns", "mongodb://localhost:27017/my%2Druns", "my-runs"),
        ("mongodb+srv://cluster.example/runs", "mongodb+srv://cluster.example/runs", "runs"),
    ],
)
def test_an_address_is_a_url_or_the_short_form_of_sacred(text, url, database):
    address = read_address(text)

    assert (address.url, address.database) == (url, database)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("foo:bar", "is not valid; expected mongodb://HOST"),
        ("name:secret@localhost:27017/runs", "is not valid"),
        ("MongoDB://name:secret@localhost:27017/runs", "is not valid"),
        ("mongodb://localhost:27017", "names no database; expected mongodb://HOST"),
        ("localhost:27017", "names no database"),
        ("mongodb://localhost:27017/", "names no database"),
        ("mongodb://name:secret@localhost:port/runs", "is not valid"),
    ],
)
def test_an_invalid_address_is_refused_without_its_password(address, message):
    with pytest.raises(ValueError, match=message) as raised:
        read_address(address)

    assert "secret" not in str(raised.value)


def test_an_address_is_printed_without_its_password():
    address = read_address("mongodb://name:secret@localhost:27017/runs?appname=secret")

    assert repr(address) == "localhost:27017/runs"
    assert address.url_without_password == "mongodb://localhost:27017/runs"


@pytest.mark.parametrize(
    ("option", "variable", "database"),
    [("a", "b", "a"), (None, "b", "b"), ("", "b", "b"), ("a", None, "a"), (None, None, None), (None, "", None)],
)
def test_an_option_overrides_the_environment(monkeypatch, option, variable, database):
    monkeypatch.delenv("MONGO_URL", raising=False)
    if variable is not None:
        monkeypatch.setenv("MONGO_URL", variable)
    address = find_address(option)

    assert (address.database if address else None) == database


def test_an_invalid_address_in_the_environment_is_refused(monkeypatch):
    monkeypatch.setenv("MONGO_URL", "mongodb://name:secret@localhost")

    with pytest.raises(ValueError, match="names no database"):
        find_address()
