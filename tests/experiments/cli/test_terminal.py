"""What a person sees on a terminal."""

import os
import pty
import subprocess
import sys
import termios

import pytest

from tests.experiments.place import SCRIPT


@pytest.mark.slow
def test_a_terminal_gets_a_progress_bar_and_the_recorded_output_does_not(tmp_path):
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    command = [sys.executable, str(SCRIPT), "with", "fast", "seed=1"]
    process = subprocess.Popen(command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    os.close(ours)

    assert process.wait(timeout=300) == 0
    assert b"/40 steps" in shown
    assert b"completed; recorded in runs/1" in shown
    recorded = (tmp_path / "runs" / "1" / "cout.txt").read_text(encoding="utf-8")
    assert "/40 steps" not in recorded
    assert recorded.count("measured with the checkpoint of step") == 1


def _read(terminal):
    """Read what the terminal shows next; nothing when the process has closed it."""
    try:
        return os.read(terminal, 1 << 12)
    except OSError:
        return b""
