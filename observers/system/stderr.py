"""Prints warnings to standard error."""

import re
import sys
from collections.abc import Callable
from contextlib import suppress

Warn = Callable[[str], None]
"""Takes a warning of one line."""

_SECRET = re.compile(r"(?<=//)[^/\s]*@|\S+:[^\s/]+@(?=\S)")


def warn(message: str) -> None:
    """Print a line to standard error; a closed standard error is ignored."""
    with suppress(OSError, ValueError):
        print(visible(message), file=sys.stderr)


def visible(text: str) -> str:
    """Replace each character that is neither printable nor a line break by its code: it would control the terminal."""
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else letter.encode("unicode_escape").decode()
        for letter in text
    )


def without_password(text: str) -> str:
    """Replace user and password of an address of a database by an ellipsis."""
    return _SECRET.sub("...@", text)
