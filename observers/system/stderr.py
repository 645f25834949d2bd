"""Prints warnings to standard error."""

import sys
from collections.abc import Callable
from contextlib import suppress

Warn = Callable[[str], None]
"""Takes a warning of one line."""


def warn(message: str) -> None:
    """Print a line to standard error; a closed standard error is ignored."""
    with suppress(OSError, ValueError):
        print(message, file=sys.stderr)
