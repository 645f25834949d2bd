"""The start and the end of a program, in a process of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import sys
from observers.program import run_program, start_program
start_program()
{imports}
def main():
    {body}
run_program("small", main)
"""


def program(body="return 0", imports="", redirection=""):
    code = PROGRAM.format(body=body, imports=imports)
    command = ["bash", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("status", [0, 1, 3, 130])
@pytest.mark.parametrize("how", ["return {}", "sys.exit({})"])
def test_the_exit_status_is_that_of_the_main_function(how, status):
    process = program(how.format(status))

    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == status


@pytest.mark.parametrize(("status", "expected"), [(0, 1), (3, 3)])
def test_output_that_cannot_be_written_is_one_line_after_the_work(tmp_path, status, expected):
    body = f"print('a'); open({str(tmp_path / 'done')!r}, 'x'); return {status}"
    process = program(body, redirection=">/dev/full")

    assert process.communicate(timeout=60)[1] == "small: write error: No space left on device; make room on its disk\n"
    assert process.returncode == expected
    assert (tmp_path / "done").exists()


def test_an_error_output_that_cannot_be_written_is_told_by_the_exit_status():
    process = program("print('a', file=sys.stderr); print('b'); return 0", redirection="2>/dev/full")

    assert process.communicate(timeout=60) == ("b\n", "")
    assert process.returncode == 1


@pytest.mark.parametrize("redirection", ["", "| true", "2>&1 | true"])
def test_a_reader_that_has_gone_is_no_error(redirection):
    process = program(
        "print('a' * 10**6); print('b', file=sys.stderr); return 0",
        imports="import time; time.sleep(0.1)",
        redirection=f"{redirection}; exit ${{PIPESTATUS[0]}}",
    )
    if not redirection:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
    process.communicate(timeout=60)

    assert process.returncode == 0


def interrupted(place, imports="", body="return 0"):
    """Start a program that makes a file, interrupt it then, and return its exit status and error output."""
    wait = f"import time; open({str(place)!r}, 'x'); time.sleep(60)"
    process = program(body.format(wait=wait), imports.format(wait=wait))
    while not Path(place).exists():
        time.sleep(0.01)
    for _ in range(4):
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def test_control_c_during_the_imports_ends_a_program_without_a_traceback(tmp_path):
    assert interrupted(tmp_path / "there", imports="{wait}") == (130, "")


def test_control_c_reaches_the_main_function(tmp_path):
    ended = "print('ended', file=sys.stderr); return 130"
    body = f"\n    try:\n        {{wait}}\n    except KeyboardInterrupt:\n        {ended}"
    status, err = interrupted(tmp_path / "there", body=body)

    assert status == 130
    assert err in ("ended\n", "")  # a second signal may come first


def test_an_ignored_control_c_stays_ignored():
    body = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('goes on'); return 0"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = program(body)
        assert process.communicate(timeout=60) == ("goes on\n", "")
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.returncode == 0
