"""Passwords are removed from text, wherever and however they are written."""

import json
import shlex
import sys
import urllib.parse

import pytest

from observers import redaction
from observers.redaction import RedactingParser, learn_secrets, redact, replace_learned

AWKWARD = [
    "Geheim42",
    "p@ss/w:rd",
    "Geheim?42",
    "Geheim#42",
    "pa ss word",
    "ge'heim",
    'ge"heim',
    "pa%ss",
    "pa%40ss",
    "päßwört",
    "p[a]ss",
    "back\\slash",
    "$HOME`id`",
    "plus+plus",
    "with\nnewline",
]


@pytest.fixture(autouse=True)
def nothing_learned(monkeypatch):
    monkeypatch.setattr(redaction, "_learned", {})


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("--mongo_db=mongodb://name:secret@host:27017/runs", "--mongo_db=mongodb://host:27017/runs"),
        ("mongodb://name:se:cr@et/@host/runs", "mongodb://host/runs"),
        ("see https://secret@host/a and ftp://b:secret@c", "see https://host/a and ftp://c"),
        ("localhost:27017:runs", "localhost:27017:runs"),
        ("words=elf@home", "words=elf@home"),
        ("https://host/a", "https://host/a"),
    ],
)
def test_the_urls_of_a_text_lose_names_and_passwords(text, redacted):
    assert redact(text) == redacted


@pytest.mark.parametrize("password", AWKWARD)
@pytest.mark.parametrize("encode", [str, urllib.parse.quote_plus, lambda text: urllib.parse.quote(text, safe="")])
def test_a_learned_password_is_removed_however_it_is_quoted(password, encode):
    learn_secrets(f"mongodb://lab:{encode(password)}@db.example:27017/runs")
    written = encode(password)
    for text in (written, password if encode is not str else written, repr(written)[1:-1], json.dumps(written)[1:-1]):
        assert redact(f"cannot connect with {text}: refused") == "cannot connect with ***: refused"
    assert "lab" not in redact(f"-m mongodb://lab:{written}@db.example:27017/runs")
    assert written not in redact(shlex.join(["-m", f"mongodb://lab:{written}@db.example:27017/runs"]))


@pytest.mark.parametrize(
    "option",
    [
        "tlsCertificateKeyFilePassword=Geheim42",
        "authMechanismProperties=AWS_SESSION_TOKEN:Geheim42",
        "proxyPassword=Geheim42",
    ],
)
def test_secret_options_of_an_address_are_removed(option):
    address = f"mongodb://lab@db.example/runs?appName=a&{option}&replicaSet=b"
    assert "Geheim42" not in redact(address)
    assert redact(address).endswith("=***&replicaSet=b")

    learn_secrets(address)
    assert redact("Geheim42 is wrong") == "*** is wrong"


def test_an_address_without_a_scheme_loses_its_password():
    assert redact("name:secret@localhost:27017/runs is not valid") == "***@localhost:27017/runs is not valid"


@pytest.mark.parametrize(
    "address", ["mongodb://lab:abc@h/runs", "mongodb://lab:runs@h/runs", "mongodb://lab:lab1@lab1/x"]
)
def test_what_is_short_or_public_is_removed_from_urls_only(address):
    learn_secrets(address)

    assert redact("runs of lab1 abc") == "runs of lab1 abc"
    assert redact(address) == f"mongodb://{address.partition('@')[2]}"


def test_a_learned_password_is_a_whole_word(monkeypatch):
    learn_secrets("mongodb://lab:pass@h/runs")

    assert replace_learned("password=pass; a pass, surpass") == ("password=***; a ***, surpass", 2)


@pytest.mark.parametrize(
    "text", ["", "fast", "hidden=64", "words=elf,zwanzig", "runs/1/config.json", "https://h/a?b=c"]
)
def test_other_text_has_no_secrets(text):
    learn_secrets(text)

    assert not redaction._learned
    assert redact(text) == text


@pytest.mark.parametrize("password", ["Geheim42", "Ge'h eim"])
def test_an_error_of_the_command_line_quotes_no_password(capsys, monkeypatch, password):
    arguments = ["more", f"mongodb://lab:{password}@h/runs"]
    monkeypatch.setattr(sys, "argv", ["program", *arguments])
    parser = RedactingParser()
    parser.add_subparsers(required=True).add_parser("more")
    with pytest.raises(SystemExit):
        parser.parse_args(arguments)

    assert "unrecognized arguments: mongodb://h/runs" in capsys.readouterr().err
