"""The process beside a worker, in a thread here: what it does when the worker says no more, or says to end."""

import pickle
import signal
import threading
from multiprocessing import Pipe

import psutil
import pytest

from experiments.sweeps.cluster import host as host_module
from experiments.sweeps.cluster.host import Host
from experiments.sweeps.cluster.place import Place
from experiments.sweeps.executors.fork_executor import ForkExecutor
from experiments.sweeps.executors.worker import Request

_TIMEOUT = 60.0  # seconds


class Served:
    """A host that serves, and the worker's end of its connection.

    Attributes:
        host: that serves.
        connection: of the worker.
    """

    def __init__(self, executor, runs):
        self.connection, theirs = Pipe()
        self.host = Host(theirs, executor, Place(runs, is_shared=True), 1)
        before = set(threading.enumerate())
        self._thread = threading.Thread(target=self.host.serve, daemon=True)
        self._thread.start()
        self._before = before

    def ask(self, key="run-0"):
        """Ask for a run, and return the process that waits until it may begin."""
        request = Request("parity", "experiments/parity.py", ["fast"], ["-F", str(self.host._place.runs)], {})
        self.connection.send(("run", key, pickle.dumps(request), 1, []))
        answer = self.receive()
        assert answer[:2] == (key, "begun")
        return psutil.Process(answer[2]["pid"])

    def receive(self):
        assert self.connection.poll(_TIMEOUT)
        return self.connection.recv()

    def has_ended(self):
        """Wait until it serves no more, and none of its calls waits."""
        self._thread.join(_TIMEOUT)
        calls = [each for each in threading.enumerate() if each not in self._before and "(_run)" in each.name]
        for call in calls:
            call.join(_TIMEOUT)
        return not any(each.is_alive() for each in [self._thread, *calls])


@pytest.fixture
def served(tmp_path, own_fork_server):
    with ForkExecutor(1, []) as executor:
        served = Served(executor, tmp_path / "runs")
        yield served
        served.connection.close()
        assert served.has_ended()


def test_a_run_that_waits_to_begin_does_not_when_the_worker_dies(served):
    process = served.ask()
    served.connection.close()

    assert served.has_ended()
    process.wait(_TIMEOUT)
    assert not served.host._place.runs.exists()


def test_a_run_that_cannot_be_reported_does_not_begin(served):
    process = served.ask()
    served.connection.send(("drop", "run-0"))

    assert served.receive() == ("run-0", "interrupted", None)
    process.wait(_TIMEOUT)
    assert not served.host._place.runs.exists()


def test_a_run_that_is_stopped_before_it_begins_is_interrupted_and_has_not_failed(served):
    process = served.ask()
    served.connection.send(("stop", signal.SIGINT))
    process.wait(_TIMEOUT)
    served.connection.send(("go", "run-0"))

    assert served.receive() == ("run-0", "interrupted", None)


def test_a_host_that_a_signal_has_ended_takes_no_further_run(served):
    served.ask()
    served.host.leave(signal.SIGTERM)
    served.connection.send(("go", "run-0"))
    assert served.receive() == ("run-0", "left", None)
    served.connection.send(("run", "run-1", b"", 1, []))

    assert served.has_ended()


@pytest.mark.parametrize(("threads", "share"), [(1, 1), (2, 2), (4, 2)])
def test_a_run_computes_with_no_more_threads_than_its_worker_has(tmp_path, threads, share, own_fork_server):
    ours, theirs = Pipe()
    with ours, theirs, ForkExecutor(1, []) as executor:
        host = Host(theirs, executor, Place(tmp_path, is_shared=True), 2)

    assert host._share(threads).threads == share


def test_a_host_ends_after_a_time_without_a_run(served, monkeypatch):
    monkeypatch.setattr(host_module, "_IDLE", 0.5)
    served.ask()
    served.connection.send(("drop", "run-0"))

    assert served.has_ended()
