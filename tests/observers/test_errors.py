"""Errors of the operating system and of MongoDB are sentences that say what to do, in every program."""

import errno
import os
import shutil
import subprocess
import sys

import pymongo
import pytest

from observers.__main__ import main
from observers.errors import line_of_error, phrase_of, reason_of
from tests.mongod import Mongod, mongod_program

OF_PATHS = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP)
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE)
NUMBERS = (*OF_PATHS, errno.EACCES, errno.EROFS, errno.EFBIG, errno.EMFILE, *OF_THE_DISK, errno.EAGAIN, errno.EBUSY)
USERS = {"boss": ["root"], "reader": [{"role": "read", "db": "runs"}]}


@pytest.mark.parametrize("number", NUMBERS)
def test_an_error_of_the_operating_system_names_the_place_and_says_what_to_do(number):
    line = line_of_error(OSError(number, os.strerror(number), "runs/1"))

    assert line.startswith(f"runs/1: {os.strerror(number)}; ")
    assert len(line.partition("; ")[2].split()) > 2


def test_an_error_with_a_sentence_of_its_own_is_that_sentence():
    for describe in (line_of_error, phrase_of):
        assert describe(ConnectionError("MongoDB\ndoes not answer")) == "MongoDB does not answer"
        assert describe(OSError()) == "OSError()"
    assert line_of_error(ValueError("no\nnumber")) == "no number"


@pytest.mark.parametrize("program", ["observers", "analysis"])
def test_a_program_says_what_to_do_about_a_path(program, tmp_path, capsys):
    name = str(tmp_path / ("x" * 300))
    command = ["list", name] if program == "observers" else ["table", name]
    done = subprocess.run([sys.executable, "-m", program, *command], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"{program}: {tmp_path}")


class TLSMongod(Mongod):
    """A server that the tests' client cannot ask whether it has started: it listens when it has."""

    def _answers(self):
        return self._listens()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with a certificate of an authority of its own."""
    openssl, directory = shutil.which("openssl"), tmp_path_factory.mktemp("certificates")
    if openssl is None or mongod_program() is None:
        pytest.skip("no openssl or no mongod")
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = ("-keyout", str(directory / "key.pem"), "-out", str(directory / "ca.pem"))
    subprocess.run([openssl, *request.split(), *files], check=True, capture_output=True)
    whole = (directory / "key.pem").read_text() + (directory / "ca.pem").read_text()
    (directory / "server.pem").write_text(whole)
    return directory


@pytest.fixture(scope="module")
def tls(place):
    """HOST:PORT of a server that speaks TLS only."""
    server = TLSMongod(str(mongod_program()), place / "tls")
    try:
        server.start("--tlsMode=requireTLS", "--tlsCertificateKeyFile", str(place / "server.pem"))
        yield server.url.rpartition(":")[2]
    finally:
        server.kill()


@pytest.fixture(scope="module")
def auth(place):
    """The port of a server that asks for a user and a password."""
    server = Mongod(str(mongod_program()), place / "auth")
    try:
        server.start()
        client: pymongo.MongoClient
        with pymongo.MongoClient(server.url) as client:
            for user, roles in USERS.items():
                client.admin.command("createUser", user, pwd="geheim", roles=roles, writeConcern={"w": 1, "j": True})
        server.kill()
        server.start("--auth")
        yield server.url.rpartition(":")[2]
    finally:
        server.kill()


def answer(capsys, tmp_path, address, command="list"):
    """The status and the single line on standard error of a command."""
    status = main([command, str(tmp_path), "-m", address])
    return status, capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "options", "sentence"),
    [
        ("localhost", "?tls=true", "its certificate is of an unknown authority: name that with tlsCAFile=FILE"),
        ("127.0.0.1", "?tls=true&tlsCAFile={ca}", "its certificate is for another host"),
        ("localhost", "", "it closes the connection: if it needs TLS, add tls=true to the address"),
    ],
)
def test_tls_that_fails_is_explained(tls, place, tmp_path, capsys, host, options, sentence):
    line = answer(capsys, tmp_path, f"mongodb://{host}:{tls}/runs{options.format(ca=place / 'ca.pem')}")[1]

    assert line.startswith(f"observers: MongoDB at {host}:{tls}/runs does not answer ({sentence}")
    assert line.count("\n") == 1


@pytest.mark.slow
def test_tls_with_its_authority_works(tls, place, tmp_path, capsys):
    assert answer(capsys, tmp_path, f"mongodb://localhost:{tls}/runs?tls=true&tlsCAFile={place / 'ca.pem'}") == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("user", "options", "sentence"),
    [
        ("boss:falsch@", "?authSource=admin", "refuses the user (correct user and password in the address"),
        ("boss:geheim@", "", "refuses the user (correct user and password in the address"),
        ("", "", "refuses the user (it asks for a user: write USER:PASSWORD@ before the host"),
        ("reader:geheim@", "?authSource=admin", "the user has no right to this: an administrator can grant it"),
        ("", "?tls=true", "does not answer (it does not speak TLS"),
        ("", "?replicaSet=other", "does not answer (no primary server"),
    ],
)
def test_what_a_server_refuses_is_explained(auth, tmp_path, run_recorded, capsys, user, options, sentence):
    run_recorded(tmp_path)
    capsys.readouterr()
    status, lines = answer(capsys, tmp_path, f"mongodb://{user}localhost:{auth}/runs{options}", "sync")

    assert status == 1
    assert sentence in lines
    assert "Traceback" not in lines
    assert "geheim" not in lines


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mongodb://no-such-host.invalid/runs", "no such host: correct its name in the address"),
        ("mongodb://127.0.0.1:9/runs", "connection refused: start the server, or correct host and port"),
        ("mongodb://%2Fnowhere%2Fmongodb.sock/runs", "no such socket: correct its path in the address"),
    ],
)
def test_a_server_that_cannot_be_reached_is_explained(tmp_path, capsys, monkeypatch, address, sentence):
    monkeypatch.setattr("observers.commands.common._TIMEOUT", 0.3)
    line = answer(capsys, tmp_path, address, "sync")[1]

    assert line.endswith(f"does not answer ({sentence})\n")


def test_an_unknown_error_keeps_its_name():
    assert reason_of(pymongo.errors.CursorNotFound("pages of text")) == "CursorNotFound"


@pytest.mark.slow
def test_a_name_that_the_server_does_not_take_is_explained_once(mongo_url, tmp_path, run_recorded, capsys):
    run_recorded(tmp_path)
    answer(capsys, tmp_path, mongo_url, "sync")
    other = mongo_url.rpartition("/")[0] + "/" + mongo_url.rpartition("/")[2].swapcase()
    line = answer(capsys, tmp_path, other, "sync")[1]

    assert (
        line
        == "observers: MongoDB fails (the server has a database of this name in other capitals: write it as there)\n"
    )


@pytest.mark.slow
def test_a_way_to_log_in_that_the_server_lacks_is_explained(mongo_url, tmp_path, run_recorded, capsys):
    run_recorded(tmp_path)
    address = mongo_url.replace("://", "://user@") + "?authMechanism=PLAIN"

    assert "does not offer this way to log in: correct authMechanism" in answer(capsys, tmp_path, address, "sync")[1]
