"""Measures what a run costs: wall time by phase, processor time, memory."""

import resource
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

_UNIT = 1 if sys.platform == "darwin" else 1024  # of getrusage's memory, in bytes


class Phases:
    """The phases of a run, one after the other.

    Attributes:
        seconds: wall time by phase, to the millisecond.
        steps: of training, to be counted by whoever trains.
    """

    def __init__(self, seconds: MutableMapping[str, float]) -> None:
        """Write times into a mapping, each when its phase ends."""
        self.seconds = seconds
        self.steps = 0
        self._phase: str | None = None
        self._entered = 0.0

    def enter(self, phase: str | None) -> None:
        """End the current phase and begin another; None begins none."""
        now = time.perf_counter()
        if self._phase is not None:
            self.seconds[self._phase] = round(now - self._entered, 3)
        self._phase, self._entered = phase, now


@contextmanager
def costs(info: MutableMapping[str, Any]) -> Iterator[Phases]:
    """Write into info what the process has cost when the block ends, however it does.

    These are `seconds` by phase, `steps_per_second` of training, validations included, and of the process since its
    start `cpu_seconds`, user and system, and `peak_memory` in bytes.
    """
    phases = Phases(info.setdefault("seconds", {}))
    try:
        yield phases
    finally:
        phases.enter(None)
        if phases.seconds.get("training"):
            info["steps_per_second"] = round(phases.steps / phases.seconds["training"], 3)
        used = resource.getrusage(resource.RUSAGE_SELF)
        info["cpu_seconds"] = round(used.ru_utime + used.ru_stime, 3)
        info["peak_memory"] = used.ru_maxrss * _UNIT
