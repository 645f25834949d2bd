"""Measures what a run costs: wall time by phase, processor time and memory."""

import resource
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

_KIBIBYTE = 1024  # bytes, the unit of getrusage's memory on Linux


class Phases:
    """The phases of a run, one after the other.

    Attributes:
        seconds: wall time by phase, to the millisecond.
        steps: training steps so far; the training counts them.
    """

    def __init__(self, seconds: MutableMapping[str, float]) -> None:
        """Write the time of each phase into a mapping when the phase ends."""
        self.seconds = seconds
        self.steps = 0
        self._phase: str | None = None
        self._start = 0.0

    def enter(self, phase: str | None) -> None:
        """End the current phase and start another one, or none."""
        now = time.perf_counter()
        if self._phase is not None:
            self.seconds[self._phase] = round(now - self._start, 3)
        self._phase, self._start = phase, now


@contextmanager
def costs(info: MutableMapping[str, Any], *, of_process: bool = True) -> Iterator[Phases]:
    """Write the costs of a run into info at the end of the block, even if the block raises.

    These are `seconds` by phase; `steps_per_second` of training, validations included; `cpu_seconds`, user and system;
    and `peak_memory` of the process in bytes.

    Args:
        info: of the run.
        of_process: whether all processor time of the process is the run's, or only that of the block.
    """
    phases = Phases(info.setdefault("seconds", {}))
    before = 0.0 if of_process else _cpu_seconds()
    try:
        yield phases
    finally:
        phases.enter(None)
        if phases.seconds.get("training"):
            info["steps_per_second"] = round(phases.steps / phases.seconds["training"], 3)
        info["cpu_seconds"] = round(_cpu_seconds() - before, 3)
        info["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
