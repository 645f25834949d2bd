"""Which process a run is, and whether it still lives."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
_START_TIME = 19  # its place among the fields of /proc/PID/stat that come after the name, proc(5)


def this_process() -> dict[str, Any]:
    """Describe this process so that it can be told from every other, also from a later one with its number."""
    return {**_place(), "pid": os.getpid(), "started": _started(os.getpid())}


def is_alive(process: Mapping[str, Any]) -> bool | None:
    """Tell whether a process lives; None when that cannot be seen from here: another host, boot or container."""
    place = _place()
    if None in place.values() or any(process.get(name) != value for name, value in place.items()):
        return None
    pid, started = process.get("pid"), process.get("started")
    if type(pid) is not int or pid <= 0 or started is None:
        return None
    if (_PROC / str(pid) / "stat").exists():
        return _started(pid) == started
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return None  # /proc hides the processes of other users


def _place() -> dict[str, str | None]:
    """The host, its boot, and the namespace in which numbers of processes are unique; None where none is known."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return {"hostname": socket.gethostname(), "boot": boot, "namespace": os.readlink(_PROC / "self/ns/pid")}  # noqa: PTH115
    except OSError:
        return {"hostname": socket.gethostname(), "boot": None, "namespace": None}


def _started(pid: int) -> int | None:
    """When a process began, in ticks since the boot; None when there is none, or only its remains."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[_START_TIME])
