"""Reads the address of a MongoDB database, from an option or the environment; refuses what would have no effect."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri
from sacred.observers.mongo import parse_mongo_db_arg

from observers.errors import line_of_error
from observers.redaction import learn_secrets, redact

VARIABLE = "MONGO_URL"
LONGEST_WAIT = 5.0
"""Seconds that an operation waits for an answer of the server; an address may say less."""

_FORMS = "mongodb://HOST[:PORT]/DATABASE, with USER:PASSWORD@ before HOST if needed, or HOST:PORT:DATABASE"
_COLLECTION = "runs"
_SRV = "mongodb+srv://"
_SRV_OPTIONS = ("srvservicename", "srvmaxhosts")
_LONGEST_NAME = 63  # bytes
_FIXED = {
    "w": ("majority",),
    "journal": ("true",),
    "readpreference": ("primary",),
    "readpreferencetags": (),
    "maxstalenessseconds": (),
    "wtimeoutms": (),
    "timeoutms": (),
    "fsync": (),
    "servermonitoringmode": ("poll",),
    "tz_aware": ("false",),
    "datetime_conversion": (),
}
"""Options that are set here, with the values that say the same."""
_WAITS = ("serverselectiontimeoutms", "connecttimeoutms", "sockettimeoutms")


@dataclass(frozen=True)
class Address:
    """The address of a database. Its repr leaves out the user, the password and the options.

    Attributes:
        url: a mongodb:// or mongodb+srv:// URL.
        database: the name of the database.
    """

    url: str
    database: str

    def __repr__(self) -> str:
        return f"{_split(self.url)[1].partition('/')[0]}/{self.database}"

    @property
    def url_with_database(self) -> str:
        """The URL, which names the database also if Sacred's short form was given."""
        return self.url if "/" in _split(self.url)[1] else f"{self.url}/{quote(self.database, safe='')}"

    @property
    def is_secret(self) -> bool:
        """Whether the URL holds a user, a password or another secret, and so is not printed."""
        return redact(self.url) != self.url

    def waits(self, milliseconds: int) -> dict[str, Any]:
        """Return how long operations wait for the server: so long, or as the URL says if that is shorter."""
        given = _options(_split(self.url)[2])
        names = ("serverSelectionTimeoutMS", "connectTimeoutMS", "socketTimeoutMS")
        return {name: min(milliseconds, int(given.get(name.lower(), milliseconds))) for name in names}


def find_address(option: str | None = None) -> Address | None:
    """Read the address of an option, or of the variable MONGO_URL if the option is missing or empty.

    Returns:
        None if neither names a database; an empty variable is as if it were not set.

    Raises:
        ValueError: see read_address.
    """
    text = (option or "").strip() or os.environ.get(VARIABLE, "").strip()
    return read_address(text) if text else None


def read_address(text: str) -> Address:
    """Read a mongodb:// or mongodb+srv:// URL with a database, or Sacred's [HOST:PORT:]DATABASE.

    Raises:
        ValueError: the text is neither, or says what would not be honoured; the message repeats no password.
    """
    learn_secrets(text)
    if "://" not in text and "@" not in text:
        return _read_short_form(text)
    user, place, query = _split(text)
    if "://" not in text or "@" in query:  # of a password with a question mark
        raise ValueError(f"the address of MongoDB is not valid; expected {_FORMS}")
    if not place.partition("/")[2]:
        raise ValueError(f"the address of MongoDB names no database; expected {_FORMS}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # pymongo warns of an option that it leaves out
            _check_options(_options(query), is_srv=text.startswith(_SRV))
            database = _read_url(text, user, place, query)
    except (PyMongoError, ValueError, TypeError, OSError, Warning) as error:
        reason = redact(line_of_error(error)).rstrip(".")
        raise ValueError(f"the address of MongoDB is not valid: {reason}; expected {_FORMS}") from None
    return Address(text, database)


def _split(url: str) -> tuple[str, str, str]:
    """Split a URL without its scheme into user and password, hosts and database, and options."""
    before, _, query = url.partition("://")[2].partition("?")
    user, _, place = before.rpartition("@")
    return user, place, query


def _options(query: str) -> dict[str, str]:
    """Read options by their names in small letters; the values are not decoded."""
    parts = [part.partition("=") for part in query.replace(";", "&").split("&") if part]
    return {name.lower(): value for name, _, value in parts}


def _check_options(options: Mapping[str, str], *, is_srv: bool) -> None:
    """Refuse an option that is unknown, has a wrong value, or would have no effect."""
    for name, value in options.items():
        if not (is_srv and name in _SRV_OPTIONS):
            try:
                parse_uri(f"mongodb://host/database?{name}={value}", warn=False)
            except (PyMongoError, ValueError, TypeError, OSError, Warning) as error:
                text = line_of_error(error).partition(". Did you mean")[0].rstrip(".")
                raise ValueError(f"{redact(f'?{name}={value}')[1:]} ({text})") from None
        if name in _FIXED and value.lower() not in _FIXED[name]:
            allowed = " or ".join(_FIXED[name])
            raise ValueError(
                f"{name}={value} would have no effect{f', it is always {allowed}' * bool(allowed)}: remove it"
            )
        if name in _WAITS and not (value.isdecimal() and 0 < int(value) <= LONGEST_WAIT * 1000):
            allowed = f"it may be a whole number from 1 to {LONGEST_WAIT * 1000:.0f}, of milliseconds"
            raise ValueError(f"{name}={value} would have no effect, {allowed}")


def _read_url(text: str, user: str, place: str, query: str) -> str:
    """Check a URL as a whole, and return the name of its database."""
    hosts = place.partition("/")[0]
    if "#" in place + query:
        raise ValueError("it has a fragment; write %23 for # in a name")
    if any(letter.isspace() or not letter.isprintable() for letter in hosts):
        raise ValueError(f"{hosts!r} is no host")
    if text.startswith(_SRV):
        if not hosts or "," in hosts or ":" in hosts:
            raise ValueError("mongodb+srv:// takes one host, without a port")
        query = ""  # the options are complete with the answer of DNS
    elif not text.startswith("mongodb://"):
        raise ValueError(f"it begins with {text.partition('://')[0]!r}://")
    read = parse_uri(f"mongodb://{place}?{_without_user(query)}", warn=False)
    if read["collection"] not in (None, _COLLECTION):
        raise ValueError(f"it names the collection {read['collection']}, and runs are always in {_COLLECTION}")
    _check_name(str(read["database"]))
    try:
        urlsplit(text)
        parse_uri(f"mongodb://{user}{'@' * bool(user)}{place}?{query}", warn=False)
    except (PyMongoError, ValueError):  # their messages may quote the password
        raise ValueError(
            "in user and password write %40 for @, %3A for :, %2F for /, %3F for ? and %25 for %"
        ) from None
    return str(read["database"])


def _check_name(database: str) -> None:
    if set(database) & set(";&="):  # options without their question mark
        raise ValueError(f"{database!r} is no database: options begin with ?, and have & between them")
    if len(database.encode()) > _LONGEST_NAME:
        raise ValueError(f"the name of the database is longer than {_LONGEST_NAME} bytes")


def _without_user(query: str) -> str:
    """Leave out the options that need a user."""
    return "&".join(f"{name}={value}" for name, value in _options(query).items() if not name.startswith("auth"))


def _read_short_form(text: str) -> Address:
    try:
        parsed = parse_mongo_db_arg(text)
    except AttributeError:
        raise ValueError(f"the address of MongoDB is not valid; expected {_FORMS}") from None
    if "db_name" not in parsed:
        raise ValueError(f"the address of MongoDB names no database; expected {_FORMS}")
    for part, kept in (("collection", _COLLECTION), ("priority", None)):
        if parsed.get(part, kept) != kept:
            raise ValueError(
                f"the address of MongoDB has a {part}, {parsed[part]}, which would have no effect: remove it"
            )
    address = Address(f"mongodb://{parsed.get('url', 'localhost:27017')}", parsed["db_name"])
    read_address(address.url_with_database)
    return address
