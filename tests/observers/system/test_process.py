import json
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from observers.system.process import OneThread, is_alive, make_lock, this_process

IDENTIFY = (
    "import json; from observers.system.process import this_process; print(json.dumps(this_process()), flush=True)"
)


@pytest.fixture
def child():
    """A process that prints its identity, and ends when it reads a line."""
    script = f"{IDENTIFY}; input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def identity(process):
    return json.loads(process.stdout.readline())


def start_ticks(pid):
    """The 22nd field of /proc/PID/stat, which runs have recorded from the beginning."""
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        return int(file.read().rpartition(")")[2].split()[19])


def test_this_process_is_alive():
    assert is_alive(this_process()) is True


def test_a_process_is_identified_by_host_boot_namespace_pid_and_start():
    process = this_process()

    assert set(process) == {"hostname", "boot", "namespace", "pid", "started"}
    assert (process["pid"], process["hostname"]) == (os.getpid(), socket.gethostname())
    assert process["started"] == start_ticks(os.getpid())
    assert this_process() == process


def test_another_process_is_alive_until_it_ends(child):
    process = identity(child)

    assert process["pid"] == child.pid
    assert is_alive(process) is True
    child.communicate("\n")
    assert is_alive(process) is False


def test_a_zombie_is_not_alive(child):
    process = identity(child)
    child.stdin.write("\n")
    child.stdin.flush()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert os.path.exists(f"/proc/{child.pid}")  # noqa: PTH110
    assert is_alive(process) is False


def test_a_process_whose_name_has_brackets_and_blanks_is_alive(tmp_path):
    program = tmp_path / "a) Z 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as process:
        try:
            deadline = time.monotonic() + 10
            while not open(f"/proc/{process.pid}/stat").read().startswith(f"{process.pid} (a)"):  # noqa: PTH123, SIM115
                assert time.monotonic() < deadline
            alive = is_alive({**this_process(), "pid": process.pid, "started": start_ticks(process.pid)})
        finally:
            process.kill()

    assert alive is True


def test_a_process_is_alive_after_the_clock_was_set(monkeypatch):
    """The boot time is the difference of the clock and the uptime: it changes with the clock."""
    process, boot = this_process(), psutil.boot_time()
    monkeypatch.setattr("psutil.boot_time", lambda: boot + 3600)
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot + 3600)

    assert this_process() == process
    assert is_alive(process) is True


def test_a_clock_that_is_set_while_the_start_is_read_changes_nothing(monkeypatch):
    process, boot = this_process(), psutil.boot_time()
    read = iter([boot, boot + 3600])
    monkeypatch.setattr("psutil.boot_time", lambda: next(read, boot + 3600))
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot + 3600)

    assert this_process() == process


@pytest.mark.parametrize("other", [{"started": 1}, {"pid": 2**40}])
def test_a_later_process_with_the_same_pid_is_another_one(other):
    assert is_alive({**this_process(), **other}) is False


@pytest.mark.parametrize("other", [{"started": None}, {"pid": None}, {"pid": "1"}, {"pid": -1}, {"pid": True}])
def test_an_invalid_identity_is_unknown(other):
    assert is_alive({**this_process(), **other}) is None


@pytest.mark.parametrize("place", ["hostname", "boot", "namespace"])
@pytest.mark.parametrize("value", ["another", None, 7])
def test_a_process_on_another_host_boot_or_in_another_container_is_unknown(place, value):
    assert is_alive({**this_process(), place: value}) is None


def test_an_empty_identity_is_unknown():
    assert is_alive({}) is None


def test_without_a_boot_id_every_process_is_unknown(monkeypatch, tmp_path):
    monkeypatch.setattr("psutil.PROCFS_PATH", str(tmp_path))

    assert this_process()["boot"] is None
    assert is_alive(this_process()) is None


def test_a_process_that_proc_hides_is_unknown_and_one_that_has_ended_is_not(tmp_path, monkeypatch):
    """As if /proc were mounted with hidepid, for the processes of other users."""
    monkeypatch.setattr("observers.system.process._place", lambda: {"hostname": "a", "boot": "b", "namespace": "c"})
    process = this_process()
    assert is_alive(process) is True
    monkeypatch.setattr("psutil.PROCFS_PATH", str(tmp_path))

    assert is_alive(process) is None
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert is_alive({**process, "pid": ended.pid}) is False


def test_a_lock_is_free_in_a_fork_whichever_thread_holds_it():
    lock, is_held, end = make_lock(), threading.Event(), threading.Event()

    def hold():
        with lock:
            is_held.set()
            end.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if lock.acquire(timeout=10) else 1)
    _, status = os.waitpid(pid, 0)
    end.set()
    holder.join()

    assert status == 0


def test_one_thread_at_a_time_and_a_fork_of_any_thread():
    one_thread = OneThread()

    def is_alone():
        with one_thread.alone() as found:
            return found

    def is_alone_in_a_fork():
        pid = os.fork()
        if pid == 0:
            os._exit(0 if is_alone() else 1)
        return os.waitpid(pid, 0)[1] == 0

    with ThreadPoolExecutor(1) as pool:
        with one_thread.alone():
            assert is_alone()
            assert is_alone_in_a_fork()
            assert not pool.submit(is_alone).result()
            assert pool.submit(is_alone_in_a_fork).result()
            pid = os.fork()
        if pid == 0:  # the fork has left the block that its parent had entered
            os._exit(0 if is_alone() else 1)
        assert os.waitpid(pid, 0)[1] == 0
        assert pool.submit(is_alone).result()
