"""Identifies the process of a run, tells if it is alive, makes locks that its forks can take, and starts threads."""

from __future__ import annotations

import errno
import functools
import os
import socket
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")  # per second
_locks: weakref.WeakSet[Any] = weakref.WeakSet()


def this_process() -> dict[str, Any]:
    """Identify this process among all processes, later ones with the same pid included."""
    return {**_place(), "pid": os.getpid(), "started": _started(os.getpid())}


def is_this(process: Mapping[str, Any]) -> bool:
    """Tell whether a process of this machine, as this_process() returned it, is this one: not the parent of a fork."""
    return bool(process.get("pid") == os.getpid())


def refuse_forks(process: Mapping[str, Any]) -> None:
    """Raise a RuntimeError in a fork of a process: it does not know what that process has done since."""
    if not is_this(process):
        raise RuntimeError("a fork cannot write run.json; do this in the process of the run")


@contextmanager
def limit_of_threads() -> Iterator[None]:
    """Start a thread in a block; where the process may have no more, the error is that of the operating system.

    Raises:
        OSError: "Resource temporarily unavailable".
    """
    try:
        yield
    except RuntimeError as error:  # "can't start new thread"
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error


def make_lock() -> Any:
    """Return a reentrant lock that is free in a fork: the thread that may have held it is not there."""
    _watch_forks()
    lock = threading.RLock()
    _locks.add(lock)
    return lock


@functools.cache
def _watch_forks() -> None:
    os.register_at_fork(after_in_child=_free_locks)


def _free_locks() -> None:
    for lock in _locks:
        lock._at_fork_reinit()  # as threading does with its own locks


class OneThread:
    """Lets one thread of a process at a time do something; it may do it within itself.

    In a fork, no other thread does it. What the forking thread was doing, it may end there as well.
    """

    def __init__(self) -> None:
        self._locks: dict[int, Any] = {}  # by process

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Provide whether no other thread is in such a block."""
        lock = self._locks.setdefault(os.getpid(), threading.RLock())
        is_alone = lock.acquire(blocking=False)
        try:
            yield is_alone
        finally:
            if is_alone:
                lock.release()


def is_alive(process: Mapping[str, Any]) -> bool | None:
    """Tell whether a process is alive.

    Args:
        process: as this_process() returned it.

    Returns:
        None if that cannot be seen from here: on another host, after a reboot, or in another container.
    """
    place = _place()
    if None in place.values() or any(process.get(name) != value for name, value in place.items()):
        return None
    pid, started = process.get("pid"), process.get("started")
    if type(pid) is not int or pid <= 0 or started is None:
        return None
    if _is_zombie(pid):
        return False
    found = _started(pid)
    if found is None:
        return None if _exists(pid) else False
    return found == started


def _place() -> dict[str, str | None]:
    """Return the host, its boot, and the namespace in which a pid is unique; None for what the system hides."""
    proc = Path(psutil.PROCFS_PATH)
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text().strip()
        return {"hostname": socket.gethostname(), "boot": boot, "namespace": os.readlink(proc / "self/ns/pid")}  # noqa: PTH115
    except OSError:
        return {"hostname": socket.gethostname(), "boot": None, "namespace": None}


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error as error:
        return isinstance(error, psutil.ZombieProcess)


def _started(pid: int) -> int | None:
    """Return when a process started, in ticks since the boot; None if the system hides it.

    psutil adds the time of the boot, which changes when the clock is set: a difference of two readings of the same
    boot time is exact.
    """
    try:
        while True:
            boot = psutil.boot_time()
            created = psutil.Process(pid).create_time()
            if psutil.boot_time() == boot:
                return round((created - boot) * _TICKS)
    except (psutil.Error, OSError, RuntimeError):
        return None


def _exists(pid: int) -> bool:
    """Tell whether there is a process with a pid, also where /proc hides the processes of other users."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return True
