"""Counts the processors that this process may use: those that its affinity and its container leave it.

A container or a batch system grants processor time as a quota of a control group (cgroup v1 or v2), or of a group
above it.
"""

import math
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

THREADS = "ZAHLWORT_THREADS"
"""The variable with the most threads of a run that shares its processors with others, which the system divides."""

_PROCESS = Path("/proc/self")
_OCTAL = re.compile(r"\\([0-7]{3})")  # a blank in a path of mountinfo


def usable_processors(process: Path = _PROCESS) -> int:
    """Count the processors that this process may use, at least 1; a part of a processor counts as one.

    Args:
        process: the directory of the process in /proc.
    """
    quotas = [math.ceil(quota) for group in _groups(process) if (quota := _quota(group)) is not None]
    return max(1, min([len(os.sched_getaffinity(0)), *quotas]))


def share_of_threads(threads: int) -> int:
    """Return how many of these threads a run may have: not more than THREADS says, if it is set."""
    most = os.environ.get(THREADS, "")
    return min(threads, max(1, int(most))) if most.isdecimal() else threads


def _groups(process: Path) -> Iterator[Path]:
    """Yield the directories of the control groups that limit the process, from its own upwards."""
    with suppress(OSError, ValueError):
        paths = dict(_paths(process))
        for kind, root, mount in _mounts(process):
            path = paths.get(kind)
            if path is None:
                continue
            below = path.relative_to(root) if path.is_relative_to(root) else Path()
            yield from (mount / part for part in (below, *below.parents))


def _paths(process: Path) -> Iterator[tuple[str, Path]]:
    """Yield the path of the control group by the kind of its hierarchy, cgroup2 or cgroup."""
    for line in (process / "cgroup").read_text(errors="replace").splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield "cgroup2", Path(path)
        elif "cpu" in controllers.split(","):
            yield "cgroup", Path(path)


def _mounts(process: Path) -> Iterator[tuple[str, Path, Path]]:
    """Yield kind, root and mount point of each hierarchy that may hold quotas; see proc(5)."""
    for line in (process / "mountinfo").read_text(errors="replace").splitlines():
        before, _, after = line.partition(" - ")
        place, source = before.split(" "), after.split(" ")
        if source[0] == "cgroup2" or (source[0] == "cgroup" and "cpu" in source[-1].split(",")):
            root, mount = (Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), text)) for text in place[3:5])
            yield source[0], root, mount


def _quota(group: Path) -> float | None:
    """Return how many processors a control group may use, None if it sets no limit."""
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        with suppress(OSError, ValueError):
            quota, period = " ".join((group / name).read_text() for name in names).split()
            if quota != "max" and int(quota) > 0 and int(period) > 0:
                return int(quota) / int(period)
    return None
