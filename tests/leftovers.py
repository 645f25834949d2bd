"""Ends processes that tests have started and that would go on for ever.

Every process that is executed during a session of pytest inherits MARK in its environment, and so do its own
children, even if they start another session or lose their parent. `python leftovers.py PID NAME=VALUE` waits for the
end of the process PID, however it ends, and kills what is left with NAME=VALUE. It needs Linux; elsewhere nothing is
found.
"""

import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

MARK = "ZAHLWORT_TESTS"
_TIME_TO_END = 2.0  # seconds, for processes that notice the end of pytest themselves


def mark_processes() -> None:
    """Mark all processes that this one executes from now on, and have the ones that are left killed when it ends."""
    value = uuid.uuid4().hex
    kill_at_end(MARK, value)
    os.environ[MARK] = value


def kill_at_end(name: str, value: str) -> None:
    """Have the processes with an environment variable killed when this process ends, however it ends."""
    if hasattr(os, "pidfd_open"):
        subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(os.getpid()), f"{name}={value}"],
            env={other: text for other, text in os.environ.items() if other not in (name, MARK)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it outlives a signal to the process group of the tests
        )


def kill_sessions(leaders: Collection[int]) -> None:
    """Kill the marked processes of some sessions, and wait until there are none.

    Args:
        leaders: the pids of the processes that started the sessions.
    """
    while _kill(pid for pid in _marked(f"{MARK}={os.environ.get(MARK, '')}") if _session_of(pid) in leaders):
        time.sleep(0.01)


def kill_processes(name: str, value: str) -> None:
    """Kill the processes with an environment variable, which this one does not have, and wait until there are none."""
    while _kill(_marked(f"{name}={value}")):
        time.sleep(0.01)


def _kill(pids: Iterable[int]) -> bool:
    """Kill processes, and tell whether there were any."""
    killed = False
    for pid in pids:
        killed = True
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return killed


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _marked(variable: str) -> Iterator[int]:
    """Yield the pids of the processes that were executed with a variable, NAME=VALUE, in their environment."""
    mark = variable.encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or belongs to another user
            if mark in path.read_bytes().split(b"\0"):
                yield int(path.parent.name)


def _kill_after(pid: int, variable: str) -> None:
    """Wait for the end of a process, and kill what is left with a variable in its environment."""
    with suppress(ProcessLookupError):  # it has ended already
        select.select([os.pidfd_open(pid)], [], [])
    deadline = time.monotonic() + _TIME_TO_END
    while any(_marked(variable)) and time.monotonic() < deadline:
        time.sleep(0.1)
    while _kill(_marked(variable)):
        time.sleep(0.1)


if __name__ == "__main__":
    _kill_after(int(sys.argv[1]), sys.argv[2])
