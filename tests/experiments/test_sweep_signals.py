"""Sweeps that end early: by signals, on a terminal, by the death of a run, and how they go on."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.experiments.conftest import SWEEP, entry, points

pytestmark = pytest.mark.slow

LONG = ("parity", "fast", "max_steps=1000000", "patience=1000000", "evaluate_every=1000", "seed=0..3", "--jobs", "2")


def test_a_run_that_is_killed_does_not_end_the_sweep_and_is_begun_again(place):
    grid = ("parity", "fast", "max_steps=400", "patience=400", "seed=0..1")
    process = place.start(*grid, "--jobs", "1", script=SWEEP)
    place.await_steps(1)
    os.kill(entry(place.runs()[0])["process"]["pid"], signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    again = place.run(*grid, script=SWEEP)

    assert process.returncode == 1
    assert "seed=0: its process ended with exit status -9" in out
    assert again.stdout.startswith("1 to be run, as soon as TensorFlow is imported; 1 there already")
    assert [entry(run)["status"] for run in place.runs()] == ["RUNNING", "COMPLETED", "COMPLETED"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, "INTERRUPTED"), (signal.SIGTERM, "TERMINATED"), (signal.SIGHUP, "TERMINATED")],
)
def test_a_signal_ends_every_run_as_it_would_alone(place, number, status):
    process = place.start(*LONG, script=SWEEP)
    place.await_steps(2)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 128 + number
    assert [entry(run)["status"] for run in place.runs()] == [status, status]
    assert "interrupted; not begun: 2; the same command goes on" in out
    assert err == ""


def test_an_interrupted_sweep_goes_on_to_the_same_weights(place, tmp_path_factory):
    grid = ("parity", "fast", "max_steps=600", "patience=600", "seed=0..1", "--jobs", "1")
    process = place.start(*grid, script=SWEEP)
    place.await_steps(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    done = place.run(*grid, script=SWEEP)
    whole = place.run(*grid, "-F", "whole", script=SWEEP)

    assert done.returncode == whole.returncode == 0
    assert done.stdout.startswith(
        "2 to be run, as soon as TensorFlow is imported; 1 of them from where it was interrupted\n"
    )
    assert [entry(run)["status"] for run in place.runs()] == ["INTERRUPTED", "COMPLETED", "COMPLETED"]
    resumed, uninterrupted = place.runs()[1], place.directory / "whole" / "1"
    assert entry(resumed)["result"] == entry(uninterrupted)["result"]
    assert points(resumed) == points(uninterrupted)[-len(points(resumed)) :]


def has_server(pid):
    """Whether a process has started the server of its forks."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return any(b"forkserver" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)


def test_a_signal_in_the_first_moments_ends_it_as_well(place):
    """The server still imports TensorFlow, and has forked none of the runs."""
    process = place.start(*LONG, script=SWEEP)
    while not has_server(process.pid):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "interrupted" in out + err
    assert "Traceback" not in err
    assert "RUNNING" not in [entry(run)["status"] for run in place.runs()]


def test_a_reader_that_goes_away_ends_neither_runs_nor_sweep(place):
    process = place.start("parity", "fast", "hidden=8,16", "seed=0..1", script=SWEEP)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=300) == 0
    assert len(place.runs()) == 4


def control_c(place, moment):
    """Start a sweep on a terminal of its own, press Ctrl-C at a moment, and return its exit status and the screen.

    The terminal sends the signal to the whole group of processes.
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
        start_new_session=True,
    )
    os.close(theirs)
    moment(process.pid)
    os.write(ours, b"\x03")
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # the end of a terminal whose programs are gone
        pass
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


def test_control_c_on_a_terminal_keeps_the_state_of_every_run(place):
    status, shown = control_c(place, lambda _: place.await_steps(2))

    assert status == 130
    assert "Traceback" not in shown
    assert [entry(run)["status"] for run in place.runs()] == ["INTERRUPTED", "INTERRUPTED"]
    assert all((run / "model" / "last" / "state.json").is_file() for run in place.runs())


def test_control_c_while_tensorflow_is_imported_is_no_crash(place):
    def server_imports(pid):
        while not has_server(pid):
            time.sleep(0.01)
        time.sleep(1)  # into the import, whatever part of it that is

    status, shown = control_c(place, server_imports)

    assert status == 130
    assert "Traceback" not in shown
    assert "could not be started" not in shown
