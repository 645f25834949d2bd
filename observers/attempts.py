"""Does what may fail while a run is recorded: on a full disk once more, with space kept for it; failures are said."""

import errno
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

RESERVE = ".reserve"
"""A file in the directory of a run, given up when the disk is full so that how the run ended can still be written."""

_RESERVED_BYTES = 1 << 20


class Attempts:
    """Does what may fail, for one run."""

    def __init__(self, directory: Path) -> None:
        """Make the reserve.

        Args:
            directory: of the run.

        Raises:
            OSError: when there is no place for it.
        """
        self._directory = directory
        self._said: set[str] = set()
        (directory / RESERVE).write_bytes(bytes(_RESERVED_BYTES))

    def __call__(self, what: str, function: Callable[[], object]) -> None:
        """Call a function, on a full disk a second time without the reserve; say what failed, once.

        Args:
            what: is not recorded when it fails.
            function: may be called twice.
        """
        try:
            try:
                function()
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                self.give_reserve_up()
                function()
        except Exception as error:
            self.say(what, error)

    def give_reserve_up(self) -> None:
        """Remove the reserve; once the run has ended nothing needs it."""
        (self._directory / RESERVE).unlink(missing_ok=True)

    def say(self, what: str, error: Exception) -> None:
        """Say on standard error what is not recorded, once; a standard error that is closed is no error."""
        message = f"{self._directory}: {what} is not recorded: {error}"
        if message not in self._said:
            self._said.add(message)
            with suppress(OSError, ValueError):
                print(message, file=sys.stderr)
