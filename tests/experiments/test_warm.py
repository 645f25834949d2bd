"""An executor whose calls are processes of their own."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError, as_completed

import pytest

from experiments.warm import ProcessDiedError, WarmExecutor, shares_of


@pytest.fixture(scope="module")
def executor():
    with WarmExecutor(2, []) as executor:
        yield executor


def where():
    """The process of the call."""
    return os.getpid()


def fail(message):
    raise ValueError(message)


def die(number):
    os.kill(os.getpid(), number)


def wait_for_signal(ready):
    """Make a file, and return the signal that comes then."""
    caught = []
    signal.signal(signal.SIGTERM, lambda number, _: caught.append(number))
    ready.touch()
    deadline = time.monotonic() + 60
    while not caught and time.monotonic() < deadline:
        time.sleep(0.01)
    return caught


def test_each_call_has_a_process_of_its_own(executor):
    pids = {executor.submit(where).result() for _ in range(3)}

    assert len(pids) == 3
    assert os.getpid() not in pids


@pytest.mark.parametrize(
    ("processors", "jobs", "shares"),
    [
        ([0, 1], 1, [{0, 1}]),
        ([0, 1], 2, [{0}, {1}]),
        ([2, 5, 7], 2, [{2, 7}, {5}]),
        ([0, 1], 3, [{0}, {1}, {0}]),
        ([4], 2, [{4}, {4}]),
    ],
)
def test_processors_are_shared_out(processors, jobs, shares):
    assert shares_of(processors, jobs) == shares


def test_calls_compute_on_processors_of_their_own(executor):
    everywhere = os.sched_getaffinity(0)
    had = [executor.submit(os.sched_getaffinity, 0).result() for _ in range(4)]

    assert sorted(had[:2], key=min) == shares_of(sorted(everywhere), 2)
    assert had[:2] == had[2:]
    assert os.sched_getaffinity(0) == everywhere


def in_a_process_of_its_own(code):
    """Run code; the server of multiprocessing is one for all executors of a process."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def test_the_process_has_what_was_preloaded():
    done = in_a_process_of_its_own("""
import sys
from experiments.warm import WarmExecutor
with WarmExecutor(1, ["wave"]) as executor:
    print("wave" in sys.modules, executor.submit(eval, "'wave' in __import__('sys').modules").result())
""")

    assert done.stdout == "False True\n", done.stderr


def test_an_exception_is_the_result_of_its_call(executor):
    with pytest.raises(ValueError, match="what went wrong"):
        executor.submit(fail, "what went wrong").result()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_dies_is_told_and_disturbs_no_other(executor, number):
    died, other = executor.submit(die, number), executor.submit(where)

    with pytest.raises(ProcessDiedError, match=f"exit status -{int(number)}"):
        died.result()
    assert other.result() > 0
    assert executor.submit(where).result() > 0


def test_results_come_as_their_calls_end(executor):
    slow, quick = executor.submit(time.sleep, 1.0), executor.submit(where)

    assert next(as_completed([slow, quick])) is quick


def test_a_signal_reaches_what_runs_and_nothing_else_begins(tmp_path):
    with WarmExecutor(1, []) as executor:
        running, waiting = executor.submit(wait_for_signal, tmp_path / "ready"), executor.submit(where)
        while not (tmp_path / "ready").exists():
            time.sleep(0.01)
        executor.stop(signal.SIGTERM)

        assert running.result() == [signal.SIGTERM]
        with pytest.raises(CancelledError):
            waiting.result()


def test_a_server_that_is_gone_is_told_by_each_call():
    done = in_a_process_of_its_own("""
import multiprocessing.forkserver as forkserver, os, signal
from experiments.warm import ProcessDiedError, WarmExecutor
with WarmExecutor(1, ["wave"]) as executor:
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    print(type(executor.submit(os.getpid).exception()).__name__)
""")

    assert done.stdout in ("ProcessDiedError\n", "NoneType\n"), done.stderr  # multiprocessing may start another server
    assert done.returncode == 0, done.stderr
