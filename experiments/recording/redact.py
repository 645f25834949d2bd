"""Removes credentials from what git tells of a run, and reports those in its sources, which stay as they are."""

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from experiments.recording.credentials import hide_credentials, lines_with_credentials
from observers.redaction import MARK
from observers.system.stderr import warn

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@(.*)", re.DOTALL)
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS = "PRIVATE KEY-----"


def redact_remote(url: str) -> str:
    """Remove the name, password and query from the URL of a git remote, or from its short SSH form."""
    scheme, separator, rest = url.partition("?")[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def redact_difference(difference: str) -> tuple[str, int, int]:
    """Replace what looks like a credential in the added lines of a difference, as `git diff` writes it.

    The other lines are those of the commit, and git applies a difference only where they stand as they are.

    Returns:
        The difference, with as many lines; the number of values that are replaced by MARK; and the number of those
        in lines of the commit, which stay.
    """
    reader = _HunkReader()
    lines = [reader.read(line) for line in difference.split("\n")]
    return "\n".join(lines), reader.replaced, reader.kept


def without_credentials(difference: str) -> str:
    """Return a difference without its credentials, and print how many there were."""
    redacted, replaced, kept = redact_difference(difference)
    if replaced or kept:
        warn(f"git.diff: {_counted(replaced, kept)}")
    return redacted


def _counted(replaced: int, kept: int) -> str:
    """Say how many values are replaced by MARK, and how many stay."""
    parts = []
    if replaced:
        verb = "looks like a password or a key, and is" if replaced == 1 else "look like passwords or keys, and are"
        parts.append(f"{_values(replaced)} {verb} replaced by {MARK}")
    if kept:
        like = " that look like passwords or keys" if kept > 1 else " that looks like a password or a key"
        verb = "stand in lines of the commit and stay" if kept > 1 else "stands in a line of the commit and stays"
        parts.append(f"{kept} more {verb}" if replaced else f"{_values(kept)}{like} {verb}")
    return "; ".join(parts)


def _values(number: int) -> str:
    return "1 value" if number == 1 else f"{number} values"


def report_credentials(sources: Iterable[str]) -> None:
    """Print the sources that hold what looks like a credential: a run records them whole, as it has imported them."""
    for source in sources:
        with suppress(OSError, ValueError):  # whoever records it says what is wrong with it
            numbers = lines_with_credentials(Path(source).read_text(encoding="utf-8"), source)
            if numbers:
                warn(
                    f"{source}, line {numbers[0]}, looks as if it holds a password: the run records its sources whole"
                )


def _begins_key(text: str) -> bool:
    return _KEY_BEGINS.search(text) is not None and text.count(_KEY_ENDS) == 1


class _HunkReader:
    """Reads a difference line by line; the numbers in the head of a hunk tell which lines belong to it."""

    def __init__(self) -> None:
        self.replaced = self.kept = 0
        self._removed = self._added = 0  # lines that the hunk still has of the commit, and of the work tree
        self._path = ""
        self._in_key = False

    def read(self, line: str) -> str:
        """Return a line as it may be recorded."""
        if self._removed <= 0 and self._added <= 0:
            return self._read_head(line)
        if line.startswith("+"):
            self._added -= 1
            return f"+{self._redact(line[1:])}"
        if not line.startswith("\\"):  # no newline at the end of the file
            self._removed -= 1
            self._added -= not line.startswith("-")
            self.kept += hide_credentials(line[1:], self._path)[1] + _begins_key(line)
        return line

    def _read_head(self, line: str) -> str:
        head = _HUNK.fullmatch(line)
        if head is not None:
            self._removed, self._added = (int(number or 1) for number in head.groups()[:2])
            self._in_key = False
            heading, _ = hide_credentials(head[3], self._path)  # is not applied
            return line[: head.start(3)] + heading
        if line.startswith("+++ "):
            self._path = line[4:].strip('"').removeprefix("b/")
        return line

    def _redact(self, text: str) -> str:
        if self._in_key and _KEY_ENDS not in text:
            return MARK
        if _begins_key(text):
            self._in_key = True
            self.replaced += 1
            return text
        self._in_key = False
        text, found = hide_credentials(text, self._path)
        self.replaced += found
        return text
