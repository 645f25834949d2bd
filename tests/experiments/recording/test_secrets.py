"""No password is recorded or printed: in no file of a run, in no document, in no line of output."""

import urllib.parse

import bson
import pymongo
import pytest

from experiments.recording.git import add_difference, read_state
from observers.redaction import learn_secrets
from tests.experiments.place import SWEEP

SECRET = f"Verborgen{6 * 7}"  # is not written here: git.diff may quote this file while it is new
PASSWORD = f"{SECRET}/h@im:4 2%"
DEAD = "127.0.0.1:9/runs"  # where no server listens
TINY = ("with", "fast", "max_steps=2", "evaluate_every=2", "data_size=40", "seed=1")


def quoted(text):
    return urllib.parse.quote(text, safe="")


def contents(place):
    """Return what is below a directory, as one text."""
    return b"\n".join(path.read_bytes() for path in place.directory.rglob("*") if path.is_file())


ADDRESSES = {
    "percent-encoded": f"mongodb://lab:{quoted(PASSWORD)}@{DEAD}",
    "unescaped blank": f"mongodb://lab:Ge h'{SECRET}@{DEAD}",
    "options": f"mongodb://{DEAD}?tlsCertificateKeyFilePassword={SECRET}",
    "properties": f"mongodb://a:Sch@{DEAD}?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:{SECRET}",
}
PARTS = [SECRET, "Verborgen", "h@im", "4 2%"]  # of the passwords
UNREADABLE = [
    f"mongodb://lab:{PASSWORD}@{DEAD}",
    f"mongodb://lab:42/{SECRET}@runs",
    f"mongodb://lab:Verborgen?42@{DEAD}",
    f"mongodb://lab:{SECRET}℀@h/runs",
    f"mongodb+srv://lab:{SECRET}:x@{DEAD}",
    f"lab:{SECRET}@{DEAD}",
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "kind"), [*(("-m", kind) for kind in ADDRESSES), ("--mongo_db", "properties"), ("MONGO_URL", "options")]
)
def test_a_run_records_and_prints_no_password(place, run_in_process, monkeypatch, kind, how):
    address = ADDRESSES[kind]
    option = {"-m": ["-m", address], "--mongo_db": [f"--mongo_db={address}"], "MONGO_URL": []}[how]
    if not option:
        monkeypatch.setenv("MONGO_URL", address)
    done = run_in_process(place, *option, *TINY)

    assert done.returncode == 0, done.stderr
    assert "not in MongoDB yet" in done.stderr
    recorded = contents(place).decode("utf-8", "replace") + done.stdout + done.stderr
    assert "metrics" in recorded
    assert SECRET not in recorded


@pytest.mark.parametrize("address", UNREADABLE)
def test_an_address_that_is_not_valid_is_refused_without_its_password(place, run_in_process, address):
    done = run_in_process(place, "-m", address, *TINY)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "the address of MongoDB" in done.stderr
    assert not [part for part in PARTS if part in done.stderr]


@pytest.mark.parametrize("address", [*ADDRESSES.values(), *UNREADABLE])
def test_a_command_line_that_cannot_be_read_is_quoted_without_its_password(place, run_in_process, address):
    done = run_in_process(place, "predict", "elf", "more", "-m", address)

    assert done.returncode == 1
    assert not [part for part in PARTS if part in done.stderr]


@pytest.mark.slow
def test_a_sweep_prints_no_password(place):
    for address in (ADDRESSES["properties"], ADDRESSES["unescaped blank"], UNREADABLE[0]):
        done = place.run("parity", "fast", "seed=1,2", "-m", address, "--dry-run", script=SWEEP)
        assert not [part for part in PARTS if part in done.stdout + done.stderr]


@pytest.mark.slow
def test_mongodb_holds_no_password(place, run_in_process, mongo_url):
    options = f"authMechanismProperties=AWS_SESSION_TOKEN:{SECRET}"
    done = run_in_process(place, "-m", f"{mongo_url}?{options}", *TINY)

    assert done.returncode == 0, done.stderr
    assert "in MongoDB as 1" in done.stdout
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: pymongo.database.Database = client.get_default_database()
        names = database.list_collection_names()
        documents = [document for name in names for document in database[name].find()]
    assert {"runs", "metrics", "fs.chunks"} <= {*names}
    assert SECRET.encode() not in b"".join(bson.encode(document) for document in documents)


def test_the_traceback_of_a_failed_run_holds_no_password(run_recorded, tmp_path):
    learn_secrets(f"mongodb://lab:{SECRET}@h/runs")

    def fail(run):
        raise OSError(f"cannot connect to mongodb://lab:{SECRET}@h/runs with '{SECRET}'")

    with pytest.raises(OSError, match="cannot connect"):
        run_recorded(tmp_path / "runs", body=fail)
    recorded = (tmp_path / "runs" / "1" / "run.json").read_text()
    assert "cannot connect to mongodb://h/runs with '***'" in recorded
    assert SECRET not in recorded


def test_the_difference_of_a_run_holds_no_password(project, run_recorded, tmp_path, capsys):
    (project / "settings.py").write_text(f"URL = 'mongodb://lab:{SECRET}@h/runs'\n")
    (project / "run.sh").write_text(f"export MONGO_URL=mongodb://lab:{SECRET}@h/runs\n")
    (project / ".env").write_text(f"PASSWORD={SECRET}\n")
    run_recorded(tmp_path / "runs", body=lambda run: add_difference(run, read_state(project)))
    difference = (tmp_path / "runs" / "1" / "git.diff").read_text()

    assert "+URL = 'mongodb://lab:***@h/runs'\n" in difference
    assert SECRET not in difference
    assert not {".env", "run.sh"} & {line.rpartition("/")[2] for line in difference.splitlines()}
    assert "git.diff: 1 value looks like a password or a key, and is replaced by ***" in capsys.readouterr().err
