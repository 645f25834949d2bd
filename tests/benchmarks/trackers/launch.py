"""Runs a command to its end, and measures it with every process that it leaves behind.

    python -m tests.benchmarks.trackers.launch FIGURES SECONDS COMMAND ...

Into the file FIGURES it adds, as JSON: `began` and `ended` by the clock of the machine, `cpu` of all processes, and
`status`, the exit status of the command, or None if it was killed because it had not ended after SECONDS. What a
command leaves running may go on for ten seconds, and is then killed. It imports the standard library only.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.trackers.inside.meter import children_of

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
_PATIENCE = 10.0  # seconds


def main() -> None:
    """Run the command."""
    figures, seconds, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    began = time.monotonic()
    status = _wait(subprocess.Popen(command), float(seconds))
    ended = time.monotonic()
    _wait_for_orphans()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    path = Path(figures)
    noted = json.loads(path.read_text()) if path.exists() else {}
    measured = {"began": began, "ended": ended, "cpu": used.ru_utime + used.ru_stime, "status": status}
    path.write_text(json.dumps({**noted, **measured}))


def _wait(process: subprocess.Popen, seconds: float) -> int | None:
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def _wait_for_orphans() -> None:
    deadline = time.monotonic() + _PATIENCE
    with suppress(ChildProcessError):
        while True:
            process, _ = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                if time.monotonic() > deadline:
                    _kill_children()
                time.sleep(0.005)


def _kill_children() -> None:
    for child in children_of(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
