"""Measures the phases of a run: its start, its points, its end.

A run is started by `launch`, which measures the whole; the run itself notes the first and the last point. It imports
the standard library only.
"""

import os
import resource
import time
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """Notes the times of the first and the last point, in seconds.

    Attributes:
        figures: `first` and `last` by the clock of the machine; `first_cpu` and `last_cpu`, the processor time of all
            threads of this process and its children by then; `first_of_thread` and `last_of_thread`, that of the
            logging thread; `points`.
    """

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}

    def first(self) -> None:
        """Note that the first point comes now."""
        others = _cpu_of_others()
        self.figures["first_cpu"] = others + time.process_time()
        self.figures["first_of_thread"] = time.thread_time()
        self.figures["first"] = time.monotonic()

    def last(self, points: int) -> None:
        """Note that the last of so many points was logged."""
        self.figures["last"] = time.monotonic()
        self.figures["last_of_thread"] = time.thread_time()
        self.figures["last_cpu"] = time.process_time() + _cpu_of_others()
        self.figures["points"] = points


def _cpu_of_others() -> float:
    """Return the processor time of all processes that `launch` has to do with, but this one and its threads."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    launcher = os.getppid()
    running = [process for process in _descendants(launcher) if process != os.getpid()]
    return ended.ru_utime + ended.ru_stime + _orphans(launcher) + sum(map(_cpu, running))


def _descendants(process: int) -> list[int]:
    children = children_of(process)
    return [*children, *(later for child in children for later in _descendants(child))]


def children_of(process: int) -> list[int]:
    """Return the children of all threads of a process, none if it has ended."""
    try:
        return [
            int(child)
            for thread in Path(f"/proc/{process}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except OSError:
        return []


def _times(process: int) -> list[int]:
    """Return utime, stime, cutime and cstime of a process, see proc(5)."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return [0, 0, 0, 0]
    return [int(ticks) for ticks in stat.rpartition(")")[2].split()[11:15]]


def _cpu(process: int) -> float:
    return sum(_times(process)) / _TICK


def _orphans(launcher: int) -> float:
    """Return the processor time of orphans that the launcher has waited for."""
    return sum(_times(launcher)[2:]) / _TICK
