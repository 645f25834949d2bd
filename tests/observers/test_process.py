import json
import os
import socket
import subprocess
import sys
import time

import pytest

from observers.process import is_alive, this_process

DESCRIBE = "import json; from observers.process import this_process; print(json.dumps(this_process()), flush=True)"


@pytest.fixture
def child():
    """A process that has described itself, and ends when its input does."""
    script = f"{DESCRIBE}; input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def described(process):
    return json.loads(process.stdout.readline())


def test_this_process_lives():
    assert is_alive(this_process()) is True


def test_a_process_is_told_by_host_boot_namespace_number_and_start():
    process = this_process()

    assert set(process) == {"hostname", "boot", "namespace", "pid", "started"}
    assert (process["pid"], process["hostname"]) == (os.getpid(), socket.gethostname())
    assert this_process() == process


def test_another_process_lives_until_it_has_ended(child):
    process = described(child)

    assert process["pid"] == child.pid
    assert is_alive(process) is True
    child.communicate("\n")
    assert is_alive(process) is False


def test_the_remains_of_a_process_are_not_alive(child):
    process = described(child)
    child.stdin.write("\n")
    child.stdin.flush()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert os.path.exists(f"/proc/{child.pid}")  # noqa: PTH110
    assert is_alive(process) is False


def test_a_process_whose_name_has_brackets_and_blanks_is_read(tmp_path):
    program = tmp_path / "a) Z 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as process:
        try:
            deadline = time.monotonic() + 10
            while not open(f"/proc/{process.pid}/stat").read().startswith(f"{process.pid} (a)"):  # noqa: PTH123, SIM115
                assert time.monotonic() < deadline
            fields = open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()  # noqa: PTH123, SIM115
            alive = is_alive({**this_process(), "pid": process.pid, "started": int(fields[19])})
        finally:
            process.kill()

    assert alive is True


@pytest.mark.parametrize("other", [{"started": 1}, {"pid": 2**40}])
def test_a_later_process_of_the_same_number_is_another(other):
    assert is_alive({**this_process(), **other}) is False


@pytest.mark.parametrize("other", [{"started": None}, {"pid": None}, {"pid": "1"}, {"pid": -1}, {"pid": True}])
def test_what_describes_no_process_is_not_known(other):
    assert is_alive({**this_process(), **other}) is None


@pytest.mark.parametrize("place", ["hostname", "boot", "namespace"])
@pytest.mark.parametrize("value", ["another", None, 7])
def test_what_cannot_be_seen_from_here_is_not_known(place, value):
    assert is_alive({**this_process(), place: value}) is None


def test_of_no_description_nothing_is_known():
    assert is_alive({}) is None


def test_where_the_system_tells_no_boot_nothing_is_known(monkeypatch, tmp_path):
    monkeypatch.setattr("observers.process._PROC", tmp_path)

    assert this_process()["boot"] is None
    assert is_alive(this_process()) is None
