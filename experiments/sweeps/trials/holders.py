"""Tells which process works on a trial, and whether it is alive."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from observers.stored_runs.liveness import seems_running
from observers.system.process import this_process

HOLDER = "holder"
"""The attribute of a trial that names the process which works on it; None if nobody does."""


def new_holder() -> dict[str, Any]:
    """Name this process, and the time."""
    return {**this_process(), "since": time.time()}


def is_held(attributes: Mapping[str, Any]) -> bool:
    """Tell whether the process that holds a trial seems alive.

    A process on another machine, which cannot be seen, counts as alive for the first minutes. From then on, the
    heartbeat of its run tells.

    Args:
        attributes: of the trial.
    """
    holder = attributes.get(HOLDER)
    if not isinstance(holder, dict):
        return False
    return seems_running(holder, timedelta(seconds=abs(time.time() - holder.get("since", 0.0))))
