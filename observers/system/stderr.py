"""Prints warnings to standard error."""

import sys
from collections.abc import Callable
from contextlib import suppress

from observers.redaction import redact

Warn = Callable[[str], None]
"""Takes a warning of one line."""


def ignore(message: str) -> None:
    """Take a warning that nobody wants to see."""


def warn(message: str) -> None:
    """Print a line without its secrets to standard error; a closed standard error is ignored."""
    with suppress(OSError, ValueError):
        print(visible(redact(message)), file=sys.stderr)


def visible(text: str) -> str:
    """Replace each character that is neither printable nor a line break by its code: it would control the terminal."""
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else letter.encode("unicode_escape").decode()
        for letter in text
    )
