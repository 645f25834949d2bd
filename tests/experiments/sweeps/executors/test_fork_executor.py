"""An executor that runs each call in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError, as_completed

import pytest

from experiments.sweeps.executors.fork_executor import ForkExecutor, ProcessDiedError, divide_processors


@pytest.fixture(scope="module")
def executor(own_fork_server):
    with ForkExecutor(2, []) as executor:
        yield executor


def pid_of_call():
    return os.getpid()


def fail(message):
    raise ValueError(message)


def die(number):
    os.kill(os.getpid(), number)


def wait_for_file(path):
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def wait_for_signal(ready):
    """Create a file and return the signals that arrive then."""
    caught = []
    signal.signal(signal.SIGTERM, lambda number, _: caught.append(number))
    ready.touch()
    deadline = time.monotonic() + 60
    while not caught and time.monotonic() < deadline:
        time.sleep(0.01)
    return caught


def test_each_call_runs_in_a_process_of_its_own(executor):
    pids = {executor.submit(pid_of_call).result() for _ in range(3)}

    assert len(pids) == 3
    assert os.getpid() not in pids


def test_a_call_finds_modules_where_its_caller_does_and_not_in_the_working_directory(executor):
    assert executor.submit(eval, "__import__('sys').path").result() == sys.path
    assert "PYTHONSAFEPATH" not in os.environ


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
def test_processors_are_divided_among_jobs(processors, jobs, shares):
    assert divide_processors(processors, jobs) == shares


def test_calls_compute_on_processors_of_their_own(executor):
    all_processors = os.sched_getaffinity(0)
    used = [executor.submit(os.sched_getaffinity, 0).result() for _ in range(4)]

    assert sorted(used[:2], key=min) == divide_processors(sorted(all_processors), 2)
    assert used[:2] == used[2:]
    assert os.sched_getaffinity(0) == all_processors


def run_code(code):
    """Run code in a fresh process, because a process has one multiprocessing server for all its executors."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def test_a_call_has_the_preloaded_modules():
    done = run_code("""
import sys
from experiments.sweeps.executors.fork_executor import ForkExecutor
with ForkExecutor(1, ["wave"]) as executor:
    print("wave" in sys.modules, executor.submit(eval, "'wave' in __import__('sys').modules").result())
""")

    assert done.stdout == "False True\n", done.stderr


def test_a_call_raises_the_exception_of_its_function(executor):
    with pytest.raises(ValueError, match="what went wrong"):
        executor.submit(fail, "what went wrong").result()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_dies_raises_an_error_and_other_calls_continue(executor, number):
    died, other = executor.submit(die, number), executor.submit(pid_of_call)

    with pytest.raises(ProcessDiedError, match=f"exit status -{int(number)}"):
        died.result()
    assert other.result() > 0
    assert executor.submit(pid_of_call).result() > 0


def test_results_arrive_as_their_calls_end(executor, tmp_path):
    slow, quick = executor.submit(wait_for_file, tmp_path / "go"), executor.submit(pid_of_call)

    assert next(as_completed([slow, quick])) is quick
    (tmp_path / "go").touch()
    slow.result()


def test_a_signal_reaches_running_calls_and_no_other_call_starts(executor, tmp_path):
    with ForkExecutor(1, []) as one_job:
        running, waiting = one_job.submit(wait_for_signal, tmp_path / "ready"), one_job.submit(pid_of_call)
        while not (tmp_path / "ready").exists():
            time.sleep(0.01)
        one_job.stop(signal.SIGTERM)

        assert running.result() == [signal.SIGTERM]
        with pytest.raises(CancelledError):
            waiting.result()


def test_calls_fail_one_by_one_when_the_server_is_killed():
    done = run_code("""
import multiprocessing.forkserver as forkserver, os, signal
from experiments.sweeps.executors.fork_executor import ForkExecutor, ProcessDiedError
with ForkExecutor(1, ["wave"]) as executor:
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    print(type(executor.submit(os.getpid).exception()).__name__)
""")

    assert done.stdout in ("ProcessDiedError\n", "NoneType\n"), done.stderr  # multiprocessing may start another server
    assert done.returncode == 0, done.stderr
