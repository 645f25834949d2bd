"""Tries writes again that fail, and keeps what could not be written.

An error may be transient, whatever its number: a network file system that hangs, a quota that is raised, a disk that
fills up and is cleared. A full disk also has space that was reserved for the end of the run.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from observers.errors import line_of_error, phrase_of
from observers.system.stderr import warn

RESERVE = ".reserve"
"""A file in the run directory. It is removed when the disk is full, so that the end of the run can be recorded."""

_RESERVED_BYTES = 1 << 20
_LAST_BYTES = 1 << 16
_FIRST_PAUSE = 0.05  # seconds; each further one is twice as long
_FINAL = (
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
)  # a second attempt changes nothing


def call_patiently(function: Callable[[], object], patience: float) -> float:
    """Call a function, and again after a pause while it raises an OSError and patience lasts.

    Args:
        function: may be called several times.
        patience: the longest time to wait, in seconds.

    Returns:
        The patience that is left.

    Raises:
        OSError: of the last attempt.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            function()
            return patience
        except _FINAL:
            raise
        except OSError:
            if patience <= 0:
                raise
        time.sleep(min(pause, patience))
        patience -= pause
        pause *= 2


class WriteRetry:
    """Calls functions that write the files of one run, and reports what fails instead of raising.

    Attributes:
        directory: of the run.
        keeps_reserve: whether a full disk keeps the reserved space for a later call.
    """

    def __init__(self, directory: Path, patience: float = 0.0) -> None:
        """Reserve space in the run directory.

        Args:
            directory: of the run.
            patience: the time in seconds that attempts may wait until `try_again` is called.

        Raises:
            OSError: the disk has no space left.
        """
        self.directory = directory
        self.keeps_reserve = False
        self._patience = patience
        self._waiting: dict[str, tuple[Callable[[], object], OSError]] = {}
        self._lost: dict[str, str] = {}
        self._told: set[str] = set()
        self._is_end = False
        (directory / RESERVE).write_bytes(bytes(_RESERVED_BYTES))

    def __call__(self, item: str, function: Callable[[], object]) -> None:
        """Call a function; what fails with an OSError is tried again, at once and by `try_again`.

        Args:
            item: what the function records, for the warning if it fails.
            function: may be called several times.
        """
        try:
            self._patience = call_patiently(lambda: self._call(function), self._patience)
        except _FINAL as error:
            self._waiting.pop(item, None)
            self.warn(item, error)
        except OSError as error:
            self._patience = 0.0
            self._waiting[item] = function, error
            if not self._is_end:
                self.tell(f"{item} is not recorded yet: {phrase_of(error)}; it is tried again")
        except Exception as error:
            self.warn(item, error)
        else:
            self._waiting.pop(item, None)

    @property
    def unrecorded(self) -> list[str]:
        """What could not be written so far."""
        return list(self.losses)

    @property
    def losses(self) -> dict[str, str]:
        """What could not be written so far, with the reason."""
        return {**self._lost, **{item: f"{item}: {phrase_of(error)}" for item, (_, error) in self._waiting.items()}}

    def try_again(self, patience: float | None, *, is_end: bool = False) -> None:
        """Try again what has failed so far.

        Args:
            patience: the time in seconds that this and all following attempts may wait; None is what is left of it.
            is_end: there is no later attempt; until `report_end`, nothing is printed of what fails again.
        """
        self._patience, self._is_end = self._patience if patience is None else patience, is_end
        for item, (function, _) in list(self._waiting.items()):
            self(item, function)

    def report_end(self) -> None:
        """Print what could not be written in the end, a line for each reason."""
        reasons: dict[str, list[str]] = {}
        for item, (_, error) in self._waiting.items():
            reasons.setdefault(phrase_of(error), []).append(item)
        for reason, items in reasons.items():
            self.tell(f"not recorded: {', '.join(items)}: {reason}")

    def shrink_reserve(self) -> bool:
        """Release most of the reserved space, and return whether there was any; run.json needs the rest in the end."""
        path = self.directory / RESERVE
        with suppress(OSError):
            if path.stat().st_size > _LAST_BYTES:
                os.truncate(path, _LAST_BYTES)
                return True
        return False

    def release_reserve(self) -> None:
        """Remove the reserved space, if that is possible."""
        with suppress(OSError):
            (self.directory / RESERVE).unlink(missing_ok=True)

    def warn(self, item: str, error: Exception) -> None:
        """Report once that an item cannot be recorded."""
        if item not in self._lost:
            self.lose(item, f"{item} is not recorded: {line_of_error(error)}")

    def lose(self, item: str, message: str) -> None:
        """Report in a line that an item is lost, in whole or in part."""
        self._lost[item] = message
        self.tell(message)

    def tell(self, message: str) -> None:
        """Print a line about the run; each is printed once, and an empty one not at all."""
        if message and message not in self._told:
            self._told.add(message)
            warn(f"{self.directory}: {message}")

    def _call(self, function: Callable[[], object]) -> None:
        """Call a function; on a full disk release most of the reserved space and call it once more."""
        try:
            function()
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            if not is_full or self.keeps_reserve or not self.shrink_reserve():
                raise
            function()
