"""Says in one line what has gone wrong, if a person can act on it without a traceback."""

import errno
import os
import re

from sacred.utils import SacredError

from observers.errors import line_of_error, with_advice

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ESTALE)
_PATH = re.compile(r"([^\s;:'\"]+)[;:] $")


def line_of_known_error(error: Exception) -> str | None:
    """Describe an error of the request or of the disk; None for any other, which needs its traceback."""
    if isinstance(error, SacredError):
        return line_of(error)
    text = str(error)  # TensorFlow has error classes of its own
    number = next((number for number in _OF_THE_DISK if os.strerror(number) in text), None)
    if number is None:
        return None
    if isinstance(error, OSError):
        return line_of(error)
    place, reason = _PATH.search(text.partition(os.strerror(number))[0]), with_advice(os.strerror(number), number)
    return f"{place[1]}: {reason}" if place else reason


def line_of(error: Exception) -> str:
    """Describe any error in one line."""
    if isinstance(error, OSError):
        return line_of_error(error)
    return " ".join(str(error.args[0] if error.args else repr(error)).split())
