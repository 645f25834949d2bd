"""A signal ends a run that `record` records, and the end is recorded."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from sacred import Experiment

from observers import record
from observers.directory.journal_reader import read_points
from observers.stored_runs.stored_run import read_run
from observers.termination import TerminatedInterrupt
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
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    child.start()
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


@pytest.fixture
def experiment(tmp_path):
    made = Experiment("small", base_dir="/", save_git_info=False)
    record(made, tmp_path / "runs")
    return made


def test_the_handlers_are_those_of_before_when_the_run_has_ended(experiment):
    during = {}
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    experiment.main(lambda: during.update({number: signal.getsignal(number) for number in signal.valid_signals()}))
    experiment.run()

    assert signal.SIGTERM in {number for number in during if during[number] != before[number]}
    assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before


def test_signals_are_handled_during_a_hook_that_was_there_before(tmp_path):
    made = Experiment("small", base_dir="/", save_git_info=False)
    during = []

    @made.pre_run_hook
    def load_data():
        during.append(signal.getsignal(signal.SIGTERM))

    made.main(lambda: 0.5)
    record(made, tmp_path / "runs")
    made.run()

    assert during != [signal.getsignal(signal.SIGTERM)]


def test_a_run_outside_of_the_main_thread_handles_no_signals(experiment, tmp_path):
    experiment.main(lambda: 0.5)
    thread = threading.Thread(target=experiment.run)
    thread.start()
    thread.join()

    assert read_run(tmp_path / "runs" / "1").status == "COMPLETED"


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGTERM, TerminatedInterrupt), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_signal_while_the_end_is_recorded_waits_until_it_is(experiment, tmp_path, number, kind):
    class Sender:
        """An observer that gets the signal when the run has completed, before the others record that."""

        priority = 100

        def __getattr__(self, name):
            return lambda **_: signal.raise_signal(number) if name == "completed_event" else None

    experiment.main(lambda: 0.5)
    experiment.observers.append(Sender())
    with pytest.raises(kind):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "COMPLETED"


class _SignalAtMessage(logging.Handler):
    """Raises a signal when a message is logged."""

    def __init__(self, message, number):
        super().__init__()
        self.message, self.number = message, number

    def emit(self, record):
        if record.getMessage() == self.message:
            signal.raise_signal(self.number)


@pytest.fixture
def logger():
    made = logging.getLogger("tests.termination")
    made.setLevel(logging.DEBUG)
    made.propagate = False
    yield made
    made.handlers.clear()


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "INTERRUPTED")])
def test_a_signal_between_an_error_and_the_record_of_it_waits(experiment, tmp_path, logger, error, status):
    @experiment.main
    def main():
        raise error

    logger.addHandler(_SignalAtMessage("Stopping Heartbeat", signal.SIGTERM))
    experiment.logger = logger
    with pytest.raises((TerminatedInterrupt, error)):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == status


def test_a_signal_while_the_program_handles_an_error_ends_the_run(experiment, tmp_path):
    @experiment.main
    def main():
        try:
            raise ValueError("of the training")
        except ValueError:
            signal.raise_signal(signal.SIGTERM)
        pytest.fail("training would go on")

    with pytest.raises(TerminatedInterrupt):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"


def test_a_signal_ends_a_run_that_was_started_while_an_error_is_handled(experiment, tmp_path):
    experiment.main(lambda: signal.raise_signal(signal.SIGTERM))
    try:
        raise ValueError("of the program")
    except ValueError:
        with pytest.raises(TerminatedInterrupt):
            experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"


def test_a_signal_while_the_end_of_an_inner_run_is_recorded_waits_for_it_and_ends_the_outer_one(
    experiment, tmp_path, logger
):
    inner = Experiment("inner", base_dir="/", save_git_info=False)
    logger.addHandler(_SignalAtMessage("Stopping Heartbeat", signal.SIGTERM))
    inner.logger = logger
    record(inner, tmp_path / "inner")

    @inner.main
    def fail():
        raise ValueError("of the inner run")

    @experiment.main
    def main():
        inner.run()
        pytest.fail("training would go on")

    with pytest.raises(TerminatedInterrupt):
        experiment.run()

    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"
    assert read_run(tmp_path / "inner" / "1").status == "FAILED"


def test_the_exception_is_stopped_by_no_handler_of_errors(experiment, tmp_path):
    @experiment.main
    def main():
        try:
            signal.raise_signal(signal.SIGTERM)
        except Exception:
            pytest.fail("training would go on")

    with pytest.raises(SystemExit) as ended:
        experiment.run()

    assert ended.value.code == 143
    assert read_run(tmp_path / "runs" / "1").status == "TERMINATED"
