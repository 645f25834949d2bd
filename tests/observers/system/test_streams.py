import subprocess
import sys

WRITE = """
import sys
from observers.system.streams import protect_output
protect_output()
for _ in range(1000):
    print("zwölf " * 100)
print("zwölf", file=sys.stderr)
"""


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
