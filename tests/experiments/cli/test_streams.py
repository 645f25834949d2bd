"""Closed pipes and encodings without umlauts do not end a run."""

import subprocess
import sys

import pytest

WRITE = """
import sys
from experiments.cli.streams import protect_output
protect_output()
for _ in range(1000):
    print("zwölf " * 100)
print("zwölf", file=sys.stderr)
"""


@pytest.mark.slow
def test_a_reader_that_closes_the_pipe_does_not_end_the_run(place):
    process = place.start("with", "fast", "seed=5")
    assert process.stdout is not None
    process.stdout.close()

    assert process.wait(timeout=300) == 0
    assert place.read("runs/1/run.json")["status"] == "COMPLETED"


@pytest.mark.slow
def test_an_encoding_without_umlauts_does_not_end_the_run(place):
    done = place.run("with", "fast", "seed=5", cold=True, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")

    assert done.returncode == 0, done.stderr


def test_output_into_a_closed_pipe_is_dropped():
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "zwölf\n")


def test_a_missing_stream_takes_everything():
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -c '{WRITE}' >&-"], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "zwölf\n")
