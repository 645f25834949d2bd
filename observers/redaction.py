"""Removes passwords and other secrets from text before it is printed or recorded.

Two ways work together: patterns find secrets in URLs, and `redact` knows the secrets of each address that the process
has read, however a message quotes them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import shlex
import sys
from collections.abc import Iterator
from typing import NoReturn
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MARK = "***"
"""Stands for a secret."""

_SHORTEST = 4  # characters; shorter ones would be found in any text, and only patterns remove them
_OPTION = r"[\w.-]{0,40}(?:password|passphrase|passwd|secret|token)|authmechanismproperties"
_USERINFO = re.compile(r"(?<=://)([^\s'\"]*:[^\s'\"]*|[^\s/@?#'\"]+)@")
_WITHOUT_SCHEME = re.compile(r"(?<![^\s'\"=])(?!\w+:/)[^\s:/@'\"=]+:[^\s/'\"]+@(?=[\w\[])")
_QUERY = re.compile(rf"([?&;](?:{_OPTION})=)[^&\s'\"]*", re.IGNORECASE)
_SECRET_OPTION = re.compile(_OPTION, re.IGNORECASE)
_PROPERTY = re.compile(r"[\w.]*(?:token|password|secret)[\w.]*:([^,]+)", re.IGNORECASE)

_learned: dict[str, re.Pattern[str]] = {}


def learn_secrets(*texts: str) -> None:
    """Remember the password and the secret options of each address, valid or not; other text has none.

    Args:
        texts: addresses, or arguments of the command line, which may hold one.
    """
    for secret in itertools.chain.from_iterable(map(_secrets_of, texts)):
        for form in _forms(secret):
            if len(form) >= _SHORTEST:
                _learned[form] = re.compile(rf"(?<![^\W_]){re.escape(form)}(?![^\W_])")


def redact(text: str) -> str:
    """Remove learned secrets, user and password of each URL, and the values of its secret options."""
    text, _ = replace_learned(text)
    text = _QUERY.sub(rf"\1{MARK}", _USERINFO.sub("", text))
    return _WITHOUT_SCHEME.sub(f"{MARK}@", text)


def replace_learned(text: str) -> tuple[str, int]:
    """Replace each learned secret by MARK.

    Returns:
        The text, and the number of replacements.
    """
    count = 0
    for secret in sorted(_learned, key=len, reverse=True):
        if secret in text:
            text, found = _learned[secret].subn(MARK, text)
            count += found
    return text, count


class RedactingParser(argparse.ArgumentParser):
    """A parser of a command line whose errors quote no secret."""

    def error(self, message: str) -> NoReturn:
        """Print a message without the secrets of the command line, and exit."""
        learn_secrets(*sys.argv)
        super().error(redact(message))


def _secrets_of(text: str) -> Iterator[str]:
    _, _, rest = text.rpartition("://") if text.count("://") == 1 else text.partition("://")
    rest = rest or text
    before_query, _, query = rest.partition("?")
    part = before_query if "@" in before_query else rest
    userinfo, has_user, place = part.rpartition("@")
    user, _, password = userinfo.partition(":")
    if has_user and password not in {user, *re.split(r"[/:,?.]", place)}:  # a public name is no secret
        yield password
    for option in re.split("[&;]", query):
        name, _, value = option.partition("=")
        if name.lower() == "authmechanismproperties":
            yield from _PROPERTY.findall(value)
        elif _SECRET_OPTION.fullmatch(name):
            yield value


def _forms(secret: str) -> set[str]:
    """Return the ways in which messages write a secret: percent-encoded or not, escaped or not."""
    plain = {secret, unquote(secret), unquote_plus(secret)}
    encoded = {encode(text) for text in plain for encode in (quote_plus, quote, lambda text: quote(text, safe=""))}
    quoted = {form for text in plain for form in (repr(text)[1:-1], json.dumps(text)[1:-1], shlex.quote(text))}
    return plain | encoded | quoted
