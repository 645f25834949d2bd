"""Retries writes on a full disk, with space that was reserved for them."""

import errno
from collections.abc import Callable
from pathlib import Path

from observers.system.stderr import warn

RESERVE = ".reserve"
"""A file in the run directory. It is removed when the disk is full, so that the end of the run can be recorded."""

_RESERVED_BYTES = 1 << 20


class FullDiskRetry:
    """Calls functions that write the files of one run, and reports what fails instead of raising."""

    def __init__(self, directory: Path) -> None:
        """Reserve space in the run directory.

        Raises:
            OSError: the disk has no space left.
        """
        self._directory = directory
        self._warnings: set[str] = set()
        (directory / RESERVE).write_bytes(bytes(_RESERVED_BYTES))

    def __call__(self, item: str, function: Callable[[], object]) -> None:
        """Call a function; on a full disk release the reserved space and call it once more.

        Args:
            item: what the function records, for the warning if it fails.
            function: may be called twice.
        """
        try:
            try:
                function()
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                self.release_reserve()
                function()
        except Exception as error:
            self.warn(item, error)

    def release_reserve(self) -> None:
        """Remove the reserved space."""
        (self._directory / RESERVE).unlink(missing_ok=True)

    def warn(self, item: str, error: Exception) -> None:
        """Report an item that could not be recorded; each message is printed once."""
        message = f"{self._directory}: {item} is not recorded: {error}"
        if message not in self._warnings:
            self._warnings.add(message)
            warn(message)
