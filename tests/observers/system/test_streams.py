import itertools
import os
import pty
import subprocess
import sys

import pytest

WRITE = """
import sys
from observers.system.streams import output_error, protect_output
protect_output()
for _ in range(1000):
    print("zwölf " * 100)
print("zwölf", file=sys.stderr)
print(output_error(), file=sys.stderr)
"""
REDIRECTIONS = [
    " ".join(chosen) for count in range(4) for chosen in itertools.combinations(("<&-", ">&-", "2>&-"), count)
]


def shell(code, redirection=""):
    command = ["bash", "-c", f'"$0" -c "$1" {redirection}', sys.executable, code]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_output_into_a_closed_pipe_is_dropped():
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "zwölf\nNone\n")


def test_output_onto_a_full_disk_is_dropped_and_its_error_kept():
    done = shell(WRITE, ">/dev/full")

    assert (done.returncode, done.stderr) == (0, "zwölf\n[Errno 28] No space left on device\n")


@pytest.mark.parametrize("redirection", REDIRECTIONS)
def test_no_file_takes_the_number_of_a_closed_descriptor(tmp_path, redirection):
    code = f"""
import os, subprocess, sys
from observers.system.streams import protect_output
protect_output()
with open({str(tmp_path / "file")!r}, "w") as file:
    print("out", flush=True)
    print("err", file=sys.stderr)
    os.write(2, b"from C\\n")
    subprocess.run(["bash", "-c", "echo child >&2"])
    assert file.fileno() > 2 and sys.stdin.read() == ""
"""
    done = shell(code, redirection)

    assert done.returncode == 0
    assert done.stdout == ("" if ">&-" in redirection.split() else "out\n")
    assert done.stderr == ("" if "2>&-" in redirection.split() else "err\nfrom C\nchild\n")
    assert (tmp_path / "file").read_text() == ""


def test_output_waits_for_a_pipe_that_another_program_has_made_non_blocking():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with subprocess.Popen([sys.executable, "-c", WRITE], stdout=writer, stderr=subprocess.PIPE, text=True) as process:
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as lines:
            assert sum(len(line.split()) for line in lines) == 100_000
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "zwölf\nNone\n")


def test_a_terminal_that_is_gone_is_no_error():
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.stdin.read()\n{WRITE}"],
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(theirs)
        os.close(ours)
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "zwölf\nNone\n")
