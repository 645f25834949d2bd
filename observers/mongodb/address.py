"""Reads the address of a MongoDB database, from an option or from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri
from sacred.observers.mongo import parse_mongo_db_arg

from observers.redaction import learn_secrets

VARIABLE = "MONGO_URL"

_FORMS = "mongodb://HOST[:PORT]/DATABASE, with USER:PASSWORD@ before HOST if needed, or HOST:PORT:DATABASE"


@dataclass(frozen=True)
class Address:
    """The address of a database. Its repr leaves out the user and the password.

    Attributes:
        url: a mongodb:// or mongodb+srv:// URL.
        database: the name of the database.
    """

    url: str
    database: str

    def __repr__(self) -> str:
        return f"{urlsplit(self.url).netloc.rpartition('@')[2]}/{self.database}"

    @property
    def url_without_password(self) -> str:
        """The URL without user, password and options."""
        return f"{urlsplit(self.url).scheme}://{self!r}"


def find_address(option: str | None = None) -> Address | None:
    """Read the address of an option, or of the variable MONGO_URL if the option is missing or empty.

    Returns:
        None if neither names a database.

    Raises:
        ValueError: see read_address.
    """
    text = option or os.environ.get(VARIABLE)
    return read_address(text) if text else None


def read_address(text: str) -> Address:
    """Read a mongodb:// or mongodb+srv:// URL with a database, or Sacred's [HOST:PORT:]DATABASE.

    Raises:
        ValueError: the text is neither; the message does not repeat it, since it may hold a password.
    """
    learn_secrets(text)
    if "://" not in text and "@" not in text:
        return _read_short_form(text)
    try:
        database = unquote(urlsplit(text).path.strip("/"))
        if text.startswith("mongodb+srv://"):  # its options are checked with the answer of DNS
            parse_uri(text.partition("?")[0].replace("mongodb+srv://", "mongodb://", 1))
        elif database:
            parse_uri(text)
    except (PyMongoError, ValueError):
        raise ValueError(f"the address of MongoDB is not valid; expected {_FORMS}") from None
    if not database:
        raise ValueError(f"the address of MongoDB names no database; expected {_FORMS}")
    if "@" in database:  # of a password with a slash that is not written as %2F
        raise ValueError(f"the address of MongoDB is not valid; expected {_FORMS}")
    return Address(text, database)


def _read_short_form(text: str) -> Address:
    try:
        parsed = parse_mongo_db_arg(text)
    except AttributeError:
        raise ValueError(f"the address of MongoDB is not valid; expected {_FORMS}") from None
    if "db_name" not in parsed:
        raise ValueError(f"the address of MongoDB names no database; expected {_FORMS}")
    return Address(f"mongodb://{parsed.get('url', 'localhost:27017')}", parsed["db_name"])
