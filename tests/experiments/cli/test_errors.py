"""An error that a person can act on is one line, with the place."""

import errno
import os
from pathlib import Path

import pytest

from experiments.cli.errors import line_of, line_of_known_error
from experiments.pipeline.errors import UserError
from observers.errors import with_advice
from tests.experiments.place import entry


class OtherError(Exception):
    """An error of TensorFlow is no OSError."""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ESTALE])
def test_an_error_of_the_disk_is_a_line_with_the_place(number):
    phrase = os.strerror(number)
    reason = with_advice(phrase, number)

    line = line_of_known_error(OSError(number, phrase, "runs/1/model/checkpoint"))
    assert line == f"runs/1/model/checkpoint: {reason}"
    assert line_of_known_error(OSError(number, phrase)) == reason
    assert line_of_known_error(OtherError(f"runs/1/x.data; {phrase}\n\t [[node save]]")) == f"runs/1/x.data: {reason}"
    assert line_of_known_error(OtherError(f"it said {phrase}")) == reason


def test_a_refused_request_keeps_its_whole_line_on_a_full_disk():
    line = f"cannot record the run in runs: {os.strerror(errno.ENOSPC)}"

    assert line_of_known_error(UserError(line)) == line


def test_any_other_error_needs_its_traceback():
    assert line_of_known_error(KeyError("broken")) is None
    assert line_of_known_error(FileNotFoundError(errno.ENOENT, "No such file or directory", "a")) is None
    assert line_of(ValueError("two\nlines")) == "two lines"


def test_a_disk_that_goes_on_failing_ends_the_run_with_the_name_of_the_file(place, run_in_process, monkeypatch):
    fsync = os.fsync

    def fail(descriptor):
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == ".alphabet.txt":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    done = run_in_process(place, "with", "fast")

    assert done.returncode == 1
    assert "parity: runs/1/model/alphabet.txt: Input/output error; check the disk" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert [entry(run)["status"] for run in place.runs()] == ["FAILED"]
