"""Removes names and passwords from URLs before they are recorded or printed."""

import re

_USERINFO = re.compile(r"(?<=://)([^\s'\"]*:[^\s'\"]*|[^\s/@?#'\"]+)@")


def redact(text: str) -> str:
    """Remove the name and password from every URL in a text."""
    return _USERINFO.sub("", text)


def redact_remote(url: str) -> str:
    """Remove the name, password and query from the URL of a git remote, or from its short SSH form."""
    scheme, separator, rest = url.partition("?")[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"
