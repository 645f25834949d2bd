"""Tells whether a run that was recorded as RUNNING is still running."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from observers.system.process import is_alive

_LONGEST_SILENCE = timedelta(minutes=5)  # between two heartbeats of a run on another machine


def is_running(entry: Mapping[str, Any], now: datetime | None = None) -> bool:
    """Tell whether the process of a run is alive.

    Where the process cannot be seen, the run counts as running until five minutes after its last heartbeat.

    Args:
        entry: the content of run.json, or the document in MongoDB.
        now: UTC; None is the current time.
    """
    process = entry.get("process")
    alive = is_alive(process) if isinstance(process, dict) else None
    if alive is not None:
        return alive
    heartbeat = read_time(entry.get("heartbeat")) or read_time(entry.get("start_time"))
    now = now or datetime.now(UTC).replace(tzinfo=None)
    return heartbeat is not None and now - heartbeat < _LONGEST_SILENCE


def read_time(value: Any) -> datetime | None:
    """Read a time in UTC, from run.json or from MongoDB; None if it is missing or corrupt."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except (TypeError, ValueError):
        return None
