"""What a host makes of the earlier attempts at a run."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from experiments.sweeps.cluster import attempt as module
from experiments.sweeps.cluster.attempt import continue_run
from experiments.sweeps.cluster.remote.process import as_left
from experiments.sweeps.executors.worker import Outcome, Request
from observers.system.process import this_process

REQUEST = Request("parity", "experiments/parity.py", ["seed=1"], [], {})


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """A directory of runs; those whose id is in `resumable` have a saved state."""
    resumable: set[str] = set()
    monkeypatch.setattr(module, "can_be_resumed", lambda directory: directory.name in resumable)

    def add(run_id, status, process, *, has_state=False):
        run = tmp_path / run_id
        run.mkdir()
        entry = {"status": status, "uuid": f"{int(run_id):032x}", "process": process}
        for name, content in (("run", entry), ("config", {}), ("info", {})):
            (run / f"{name}.json").write_text(json.dumps(content))
        (run / "metrics.jsonl").touch()
        if has_state:
            resumable.add(run_id)

    return tmp_path, add


def dead_process(pid=1 << 30):
    """Identify a process of this machine that has ended."""
    return {**this_process(), "pid": pid}


def attempt_of(process, worker="tcp://one:1"):
    return {**process, "worker": worker}


def never():
    return False


def test_a_first_attempt_is_the_request_itself(runs):
    assert continue_run(REQUEST, [], runs[0], never) == REQUEST


def test_an_attempt_that_was_not_recorded_is_made_again(runs):
    assert continue_run(REQUEST, [attempt_of(dead_process())], runs[0], never) == REQUEST


@pytest.mark.parametrize("status", ["RUNNING", "INTERRUPTED", "TERMINATED"])
def test_an_attempt_with_a_state_is_resumed(runs, status):
    directory, add = runs
    add("1", status, dead_process(), has_state=True)
    add("2", status, dead_process(pid=(1 << 30) + 1), has_state=True)  # of another run

    continued = continue_run(REQUEST, [attempt_of(dead_process())], directory, never)
    assert isinstance(continued, Request)
    assert continued.words == ["resume=1"]


@pytest.mark.parametrize(("status", "exit_status"), [("COMPLETED", 0), ("DIVERGED", 0), ("PRUNED", 0), ("FAILED", 1)])
def test_an_attempt_that_has_ended_is_not_repeated(runs, status, exit_status):
    directory, add = runs
    add("1", status, dead_process())

    outcome = continue_run(REQUEST, [attempt_of(dead_process())], directory, never)
    assert isinstance(outcome, Outcome)
    assert outcome.exit_status == exit_status
    assert outcome.run is not None
    assert outcome.run.directory == directory / "1"


def test_two_deaths_give_a_run_up_and_name_the_workers(runs):
    directory, add = runs
    processes = [dead_process(), dead_process(pid=(1 << 30) + 1)]
    add("1", "INTERRUPTED", processes[0], has_state=True)
    add("2", "RUNNING", processes[1], has_state=True)
    attempts = [attempt_of(process, f"tcp://{name}:1") for process, name in zip(processes, "ab", strict=True)]

    outcome = continue_run(REQUEST, attempts, directory, never)
    assert isinstance(outcome, Outcome)
    host = this_process()["hostname"]
    assert outcome.exit_status == 1
    assert outcome.stderr == f"given up: its worker died 2 times: tcp://a:1 on {host}, tcp://b:1 on {host}"


def test_runs_that_were_terminated_are_no_deaths(runs):
    directory, add = runs
    processes = [dead_process(pid=(1 << 30) + number) for number in range(4)]
    for number, process in enumerate(processes, 1):
        add(str(number), "TERMINATED", process, has_state=True)

    continued = continue_run(REQUEST, [attempt_of(process) for process in processes], directory, never)
    assert isinstance(continued, Request)
    assert continued.words == ["resume=4"]


def test_attempts_that_were_left_are_no_deaths_even_if_their_runs_are_elsewhere(runs):
    directory, add = runs
    add("1", "INTERRUPTED", dead_process(), has_state=True)
    attempts = [as_left(attempt_of(dead_process(pid=(1 << 30) + number))) for number in range(3)]

    continued = continue_run(REQUEST, attempts, directory, never)
    assert isinstance(continued, Request)
    assert continued.words == ["resume=1"]


def test_an_attempt_that_still_saves_its_state_is_waited_for(runs):
    directory, add = runs
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as living:
        started = int(Path(f"/proc/{living.pid}/stat").read_text().rpartition(")")[2].split()[19])
        process = {**this_process(), "pid": living.pid, "started": started}
        add("1", "RUNNING", process, has_state=True)
        threading.Timer(0.5, living.kill).start()
        continued = continue_run(REQUEST, [attempt_of(process)], directory, never)
    assert isinstance(continued, Request)
    assert continued.words == ["resume=1"]


def test_a_sweep_that_was_stopped_does_not_wait_for_an_attempt(runs):
    directory, add = runs
    add("1", "RUNNING", this_process())

    assert continue_run(REQUEST, [attempt_of(this_process())], directory, lambda: True) == REQUEST
