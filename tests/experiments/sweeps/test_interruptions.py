"""Sweeps that a signal or Ctrl-C on a terminal ends, and the same command that goes on."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.experiments.place import SWEEP, entry, points

pytestmark = pytest.mark.slow

SMALL = ("parity", "fast", "hidden=8", "data_size=60")
LONG = (*SMALL, "max_steps=1000000", "patience=1000000", "evaluate_every=1000", "seed=0..3", "--jobs", "2")


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGINT, "INTERRUPTED"),
        (signal.SIGTERM, "TERMINATED"),
        (signal.SIGHUP, "TERMINATED"),
        (signal.SIGUSR2, "TERMINATED"),
    ],
)
def test_any_number_of_signals_ends_every_run_as_one_would_end_a_single_run(place, number, status):
    process = place.start(*LONG, script=SWEEP)
    place.await_steps(2)
    while process.poll() is None:
        process.send_signal(number)
        time.sleep(0.05)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 128 + number
    assert [entry(run)["status"] for run in place.runs()] == [status, status]
    assert all(list(run.glob("model/last/state-*.json")) for run in place.runs())
    assert out.endswith(
        "\nwithout a result: 4 of 4\ninterrupted; 2 runs not started; run the same command again to continue\n"
    )
    assert err == ""


def test_an_interrupted_sweep_continues_to_the_same_weights(place, run_sweep):
    config = (*SMALL, "max_steps=600", "patience=600")
    process = place.start(*config, "seed=0..1", "--jobs", "1", script=SWEEP)
    place.await_steps(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    done = run_sweep(*config, "seed=0..1", "--jobs", "1")
    whole = run_sweep(*config, "seed=0", "-F", "whole")

    assert done.returncode == whole.returncode == 0
    assert done.stdout.startswith("2 to run, once TensorFlow is imported; 1 of them resumed\n")
    assert [entry(run)["status"] for run in place.runs()] == ["INTERRUPTED", "COMPLETED", "COMPLETED"]
    resumed, uninterrupted = place.runs()[1], place.directory / "whole" / "1"
    assert entry(resumed)["result"] == entry(uninterrupted)["result"]
    assert points(resumed) == points(uninterrupted)[-len(points(resumed)) :]


def fork_server_of(pid):
    """Return the pid of the server that a sweep forks its runs from, None before it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    servers = [child for child in children if b"forkserver" in command_line_of(child)]
    return servers[0] if servers else None


def command_line_of(pid):
    """Return the command line of a process; it is empty if the process has just ended, as git does."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def await_import(pid):
    """Wait until the server of a sweep imports TensorFlow."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        server = fork_server_of(pid)
        if server is not None and "tensorflow" in Path(f"/proc/{server}/maps").read_text():
            return
        time.sleep(0.01)
    pytest.fail("the server does not import TensorFlow")


def test_a_signal_while_the_server_starts_ends_the_sweep(place):
    """The server has not imported TensorFlow and has forked no run."""
    process = place.start(*LONG, script=SWEEP)
    while fork_server_of(process.pid) is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "interrupted" in out + err
    assert "Traceback" not in err
    assert "RUNNING" not in [entry(run)["status"] for run in place.runs()]


def control_c(place, moment):
    """Start a sweep on a terminal of its own, press Ctrl-C at a moment, and return its exit status and the screen.

    The terminal sends the signal to the whole process group.
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, str(SWEEP), *LONG]
    take_terminal = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", take_terminal, *command],
        cwd=place.directory,
        env={name: value for name, value in os.environ.items() if name != "MONGO_URL"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        text=True,
        start_new_session=True,
    )
    place.started.append(process)
    os.close(theirs)
    moment(process.pid)
    os.write(ours, b"\x03")
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # the end of a terminal whose programs have ended
        pass
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


def test_control_c_on_a_terminal_saves_the_state_of_every_run(place):
    status, shown = control_c(place, lambda _: place.await_steps(2))

    assert status == 130
    assert "Traceback" not in shown
    assert [entry(run)["status"] for run in place.runs()] == ["INTERRUPTED", "INTERRUPTED"]
    assert all(list(run.glob("model/last/state-*.json")) for run in place.runs())


def test_control_c_while_tensorflow_is_imported_is_not_a_crash(place):
    status, shown = control_c(place, await_import)

    assert status == 130
    assert "Traceback" not in shown
    assert "could not be started" not in shown
