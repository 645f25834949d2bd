"""What tests have started ends with them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STARTS_A_DAEMON = """
import subprocess, sys, time
from tests.leftovers import mark_processes

mark_processes()
daemon = "import subprocess; print(subprocess.Popen(['sleep', '1000'], start_new_session=True).pid, flush=True)"
subprocess.run([sys.executable, "-c", daemon])
time.sleep(1000)
"""


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@pytest.mark.slow
def test_a_process_without_its_parent_ends_when_the_tests_are_killed():
    tests = subprocess.Popen([sys.executable, "-c", STARTS_A_DAEMON], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert tests.stdout is not None
    daemon = int(tests.stdout.readline())
    _wait_until(lambda: b"sleep" in command_of(daemon))  # the kernel shows the command a moment after its start
    tests.kill()
    tests.communicate()
    _wait_until(lambda: b"sleep" not in command_of(daemon))


def _wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
