"""Tells whether a run that was recorded as RUNNING is still running."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from observers.system.process import is_alive
from observers.system.untrusted.json_files import read_json_inside

_LONGEST_SILENCE = timedelta(minutes=5)  # between two heartbeats of a run on another machine


def is_running(entry: Mapping[str, Any], *, directory: Path | None = None, now: datetime | None = None) -> bool:
    """Tell whether the process of a run is alive.

    Where the process cannot be seen, the run counts as running until five minutes after its last heartbeat.

    Args:
        entry: the content of run.json, or the document in MongoDB.
        directory: of the run: the last heartbeat is when the file system last saw run.json change. None takes the
            time in the entry, which the clock of another machine may have set.
        now: UTC, to compare with the time in the entry; None is the current time of this machine.
    """
    process = entry.get("process")
    if directory is not None:
        alive = _is_alive(process)  # which spares the file system
        return seems_running(None, age_of(directory / "run.json", directory.parent)) if alive is None else alive
    signs = (read_time(entry.get(name)) for name in ("seen", "heartbeat", "start_time"))
    heartbeat = next(filter(None, signs), None)
    now = now or datetime.now(timezone.utc).replace(tzinfo=None)
    return seems_running(process, now - heartbeat if heartbeat is not None else None)


def status_now(entry: Mapping[str, Any], *, directory: Path | None = None) -> Any:
    """Return the status of a run: DEAD if it was recorded as RUNNING and no longer runs; for arguments see is_running.

    The entry may have been read some time ago: a run that has ended since is RUNNING, as all else that was read of it
    says. Nothing is written, `reap` does that.
    """
    status = entry.get("status")
    if status != "RUNNING" or is_running(entry, directory=directory):
        return status
    has_ended = directory is not None and _status_in(directory) not in (None, "RUNNING")
    return status if has_ended else "DEAD"


def seems_running(process: Any, silence: timedelta | None) -> bool:
    """Tell whether a process is alive, or, where it cannot be seen, whether it gave a sign of life lately.

    Args:
        process: as this_process() returned it; anything else cannot be seen.
        silence: since the last heartbeat, by one clock; None if there never was one.
    """
    alive = _is_alive(process)
    return alive if alive is not None else silence is not None and silence < _LONGEST_SILENCE


def age_of(path: Path, clock: Path) -> timedelta | None:
    """Return how long ago a file changed, by the clock of its file system; None if it cannot be seen.

    Machines that share a file system may have different clocks: both times are those that the file system gives. A
    time in the future counts as long ago as it is ahead, since the clock was set back.

    Args:
        path: of the file.
        clock: a directory of the same file system, in which a file without a name is created to see the time. Where
            that fails, the clock of this machine takes its place.
    """
    try:
        changed = os.stat(path, follow_symlinks=False).st_mtime  # noqa: PTH116
    except OSError:
        return None
    return timedelta(seconds=abs(_time_of_file_system(clock) - changed))


def read_time(value: Any) -> datetime | None:
    """Read a time in UTC, from run.json or from MongoDB; None if it is missing or corrupt."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except (TypeError, ValueError):
        return None


def _status_in(directory: Path) -> Any:
    try:
        entry = read_json_inside(directory, "run.json")
    except (OSError, ValueError):
        return None
    return entry.get("status") if isinstance(entry, dict) else None


def _is_alive(process: Any) -> bool | None:
    return is_alive(process) if isinstance(process, dict) else None


def _time_of_file_system(directory: Path) -> float:
    """Return the seconds since 1970, as a file system sets them."""
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return time.time()
