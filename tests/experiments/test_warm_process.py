"""A script in a fork behaves as one that starts cold."""

import json
import signal

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json, os, signal, sys

ending = sys.argv[1]
print(json.dumps({
    "argv": sys.argv,
    "leads a session": os.getsid(0) == os.getpid(),
    "cwd": os.getcwd(),
    "environment": os.environ.get("MARK"),
    "path": sys.path[0],
    "main": sys.modules["__main__"].__file__,
    "stdin": sys.stdin.read(),
    "isatty": [stream.isatty() for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__)],
    "encodings": [stream.encoding for stream in (sys.stdin, sys.stdout, sys.stderr)],
    "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)],
}), flush=True)
print("zwölf", file=sys.stderr)
if ending == "error":
    raise ValueError("broken")
if ending == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if ending != "return":
    sys.exit({"none": None, "three": 3, "text": "no such thing"}[ending])
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("ending", "status"), [("return", 0), ("none", 0), ("three", 3), ("text", 1), ("error", 1), ("kill", -9)]
)
def test_streams_status_and_surroundings_are_those_of_a_cold_start(place, script, ending, status):
    how = {"script": script, "typed": "elf\n", "ignored": [signal.SIGHUP], "MARK": "zwölf"}
    warm, cold = place.run(ending, **how), place.run(ending, cold=True, **how)

    assert warm.returncode == cold.returncode == status
    assert warm.stdout == cold.stdout
    assert "zwölf" in warm.stderr
    assert warm.stderr.splitlines()[-1:] == cold.stderr.splitlines()[-1:]


def test_each_script_has_a_process_of_its_own(place, script):
    processes = [place.start("return", script=script) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]

    assert len({process.pid for process in processes}) == 2
    assert [json.loads(output)["argv"] for output in outputs] == [[str(script), "return"]] * 2


def test_a_variable_that_python_reads_at_its_start_needs_a_cold_start(place):
    with pytest.raises(AssertionError, match="needs cold=True"):
        place.run("help", PYTHONUTF8="0")
