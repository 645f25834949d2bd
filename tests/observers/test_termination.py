"""A signal ends a run that `record` records, and the end is recorded."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from observers.directory.journal_reader import read_points
from observers.stored_runs.stored_run import read_run
from tests.documents.commands import ROOT

SCRIPT = """
import atexit, multiprocessing, os, signal, sys, time
from sacred import Experiment
from observers import record

experiment = Experiment("example", save_git_info=False)
record(experiment, "runs")

@experiment.main
def main(_run):
    atexit.register(print, "left in order")
    BODY
    step = 0
    while True:
        _run.log_scalar("loss", 1 / (step + 1), step)
        step += 1
        time.sleep(0.001)

experiment.run_commandline()
"""


@contextmanager
def started(directory, body=""):
    """Start the script, and wait until it has logged a hundred points."""
    (directory / "example.py").write_text(SCRIPT.replace("BODY", body))
    environment = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
    environment["PYTHONPATH"] = str(ROOT)
    with subprocess.Popen(
        [sys.executable, "example.py"],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            journal = directory / "runs" / "1" / "metrics.jsonl"
            while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > 100):
                time.sleep(0.05)
            yield process
        finally:
            process.kill()


def steps(directory):
    return [point.step for point in read_points(directory / "runs" / "1" / "metrics.jsonl")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM"])
def test_a_signal_that_would_kill_ends_the_run_in_order(tmp_path, name):
    number = getattr(signal, name)
    with started(tmp_path) as process:
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    run = read_run(tmp_path / "runs" / "1")

    assert (run.status, process.returncode) == ("TERMINATED", 128 + number), errors
    assert output == "left in order\n"
    assert "Traceback" not in errors
    assert steps(tmp_path) == list(range(len(steps(tmp_path))))


@pytest.mark.slow
def test_ctrl_c_ends_the_run_as_interrupted_however_often_it_is_pressed(tmp_path):
    with started(tmp_path) as process:
        for _ in range(5):
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
        process.communicate(timeout=60)

    assert read_run(tmp_path / "runs" / "1").status == "INTERRUPTED"
    assert process.returncode == -signal.SIGINT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))", 7),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.alarm(1)", 128 + signal.SIGALRM),
    ],
)
def test_a_handler_of_the_program_stays(tmp_path, body, status):
    with started(tmp_path, body) as process:
        process.terminate()
        process.communicate(timeout=60)

    assert process.returncode == status


@pytest.mark.slow
def test_a_fork_that_is_terminated_leaves_the_run_alone(tmp_path):
    body = """
    fork = multiprocessing.get_context("fork")
    ready = fork.Event()
    child = fork.Process(target=lambda: (ready.set(), time.sleep(60)))
    child.start()
    ready.wait()  # Python drops a signal that a fork gets before it has begun
    child.terminate()
    child.join()
    print(child.exitcode, flush=True)"""
    with started(tmp_path, body) as process:
        assert read_run(tmp_path / "runs" / "1").status == "RUNNING"
        process.terminate()
        output, _ = process.communicate(timeout=60)

    assert output.splitlines()[0] == str(-signal.SIGTERM)
    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors_change_nothing_but_the_output(tmp_path, closed):
    """The first files of a run would be taken for the standard streams."""
    body = "os.system('echo of a child'); print('printed'); [_run.log_scalar('a', i) for i in range(3)]; return 0.5"
    (tmp_path / "example.py").write_text(SCRIPT.replace("BODY", body))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", "-c", f"{sys.executable} example.py {closed}"], cwd=tmp_path, env=environment, timeout=60)
    run = read_run(tmp_path / "runs" / "1")

    assert (run.status, run.entry["result"]) == ("COMPLETED", 0.5)
    assert steps(tmp_path) == [0, 1, 2]
    assert "of a child" not in "".join(path.read_text() for path in run.directory.glob("*.json*"))


@pytest.mark.slow
def test_after_sigkill_no_point_is_lost(tmp_path):
    body = """
    for step in range(3000):
        _run.log_scalar("loss", step, step)
    print("logged", flush=True)
    time.sleep(60)"""
    with started(tmp_path, body) as process:
        process.stdout.readline()
        process.kill()

    assert steps(tmp_path) == list(range(3000))
