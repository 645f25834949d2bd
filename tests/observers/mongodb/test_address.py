import re

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
    assert address.is_secret


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


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("mongodb://h/d?authSorce=admin", "authsorce=admin (Unknown option: authsorce)"),
        ("mongodb+srv://h/d?authSorce=admin", "authsorce=admin (Unknown option: authsorce)"),
        ("mongodb://h/d?tls=maybe", "tls=maybe (The value of tls must be 'true' or 'false')"),
        ("mongodb://h/d?tls", "tls= (The value of tls must be 'true' or 'false')"),
        ("mongodb://h/d?tls=true&tls=false", "Duplicate URI option 'tls'"),
        ("mongodb://h/d?tlsCAFile=/nowhere", "(/nowhere: No such file or directory; correct the path)"),
        ("mongodb://h/d?connectTimeoutMS=1e3", "connecttimeoutms=1e3 would have no effect, it may be a whole number"),
        ("mongodb://h/d?w=1", "w=1 would have no effect, it is always majority: remove it"),
        ("mongodb://h/d?readPreference=nearest", "readpreference=nearest would have no effect, it is always primary"),
        (
            "mongodb://h/d?connectTimeoutMS=0",
            "connecttimeoutms=0 would have no effect, it may be a whole number from 1 to 5000",
        ),
        ("mongodb://a,b/d?directConnection=true", "Cannot specify multiple hosts with directConnection=true"),
        ("mongodb+srv://a,b/d", "mongodb+srv:// takes one host, without a port"),
        ("mongodb+srv://a:27017/d", "mongodb+srv:// takes one host, without a port"),
        ("mongodb://h/d#e", "it has a fragment; write %23 for # in a name"),
        ("mongodb://h/d.metrics", "it names the collection metrics, and runs are always in runs"),
        ("mongodb://h:99999/d", "Port must be an integer between 0 and 65535"),
        ("mongodb://h i/d", "'h i' is no host"),
        ("https://h/d", "it begins with 'https'://"),
        ("mongodb://name:a@b:c@h/d", "write %40 for @, %3A for :"),
        ("mongodb://h/d;tls=true", "'d;tls=true' is no database: options begin with ?, and have & between them"),
        ("mongodb://h/d&tls=true", "'d&tls=true' is no database: options begin with ?, and have & between them"),
        ("h:1:d?tls=true", "is not valid"),
        ("mongodb://h/d?server_api=1", "server_api=1 (server_api must be an instance"),
        (f"mongodb://h/{'ü' * 32}", "the name of the database is longer than 63 bytes"),
        ("h:1:d.metrics", "has a collection, metrics, which would have no effect: remove it"),
        ("h:1:d!30", "has a priority, 30, which would have no effect: remove it"),
        ("h:99999:d", "Port must be an integer between 0 and 65535"),
    ],
)
def test_what_would_have_no_effect_is_refused_by_name(address, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://a:1,b:2/d?replicaSet=r&authSource=admin&tls=true&retryWrites=true&w=majority",
        "mongodb+srv://name:secret@cluster.example/d?retryWrites=true&w=majority&appName=my%20laboratory",
        "mongodb+srv://h/d?srvMaxHosts=1",
        "mongodb://[::1]:27017/d.runs",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/d",
        "mongodb://CN%3Dme@h/d?authMechanism=MONGODB-X509&tls=true",
    ],
)
def test_an_address_with_options_is_kept_whole(address):
    assert read_address(address).url_with_database == address


def test_the_short_form_is_printed_with_its_database():
    assert read_address("h:1:a-b").url_with_database == "mongodb://h:1/a-b"


def test_a_wait_of_the_address_is_honoured_if_it_is_shorter():
    waits = read_address("mongodb://h/d?connectTimeoutMS=300&serverSelectionTimeoutMS=4000").waits(2500)

    assert waits == {"serverSelectionTimeoutMS": 2500, "connectTimeoutMS": 300, "socketTimeoutMS": 2500}


@pytest.mark.parametrize("variable", ["", " ", "\n"])
def test_an_empty_variable_is_as_if_it_were_not_set(monkeypatch, variable):
    monkeypatch.setenv("MONGO_URL", variable)

    assert find_address() is None
