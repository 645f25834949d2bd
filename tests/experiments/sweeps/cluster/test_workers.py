"""What a sweep says of workers that are awaited, hang, or have gone; and of those that it refuses."""

import os
import signal
import time
from contextlib import contextmanager

import pytest
from distributed import Client
from distributed.versions import get_versions

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster import workers as workers_module
from experiments.sweeps.cluster.workers import Workers, check_versions, refuse_others


@pytest.fixture
def lines():
    return []


@pytest.fixture
def workers(cluster, lines):
    with Client(cluster.address, set_as_default=False) as client:
        yield Workers(client, "here", lambda: "start some", lines.append)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for name, seconds in {"_PAUSE": 0.0, "_SILENCE": 5.0, "_WAIT": 0.1, "_LONG_WAIT": 0.3}.items():
        monkeypatch.setattr(workers_module, name, seconds)


@pytest.fixture
def stopped(monkeypatch):
    """Let a process hang in a block, in which nothing waits long for an answer."""

    @contextmanager
    def stopped(pid):
        os.kill(pid, signal.SIGSTOP)
        try:
            with monkeypatch.context() as patch:
                patch.setattr(workers_module, "_PATIENCE", 2.0)
                yield
        finally:
            os.kill(pid, signal.SIGCONT)

    return stopped


def look_until(workers, condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        workers.look()
        time.sleep(0.05)


def test_a_sweep_without_a_worker_says_so_and_later_what_to_look_at(workers, lines):
    look_until(workers, lambda: len(lines) == 2)
    for _ in range(5):
        workers.look()

    assert lines == ["waiting for workers of here", "still no worker of here: start some"]
    assert workers.threads == 0


@pytest.mark.slow
def test_the_worker_that_ends_a_wait_is_named(cluster, workers, lines):
    look_until(workers, lambda: lines)
    cluster.add_worker("first", "--no-nanny")
    look_until(workers, lambda: workers.threads == 1)
    for _ in range(3):
        workers.look()

    assert lines[-1].startswith("worker first at tcp://127.0.0.1:")
    assert [line.endswith(" has come") for line in lines].count(True) == 1


@pytest.mark.slow
def test_a_worker_that_has_gone_is_named_once(cluster, workers, lines):
    cluster.add_worker("first", "--no-nanny", threads=2)
    second = cluster.add_worker("second", "--no-nanny")
    workers.look()
    assert workers.threads == 3
    second.kill()
    look_until(workers, lambda: workers.threads == 2)
    for _ in range(3):
        workers.look()

    [line] = lines
    assert line.startswith("worker second at tcp://127.0.0.1:")
    assert line.endswith(" has gone; any run there continues on another worker")


@pytest.mark.slow
def test_a_worker_that_hangs_is_named_once_and_the_others_answer(cluster, workers, lines, stopped):
    first, second = (cluster.add_worker(name, "--no-nanny") for name in ("first", "second"))
    pids = {first.process.pid, second.process.pid}
    workers.look()
    assert set(workers.run(os.getpid).values()) == pids
    with stopped(second.process.pid):
        look_until(workers, lambda: lines)
        workers.look()

        [line] = lines
        assert line.startswith("worker second at tcp://127.0.0.1:")
        assert " does not answer; if it is not back within minutes, the scheduler gives it up, and any run" in line
        assert list(workers.run(os.getpid).values()) == [first.process.pid]
        check_versions(workers._client)
    assert set(workers.run(os.getpid).values()) == pids


@pytest.mark.slow
def test_a_scheduler_that_hangs_is_named_once(cluster, workers, lines, stopped):
    cluster.add_worker("first", "--no-nanny")
    workers.look()
    with stopped(cluster.scheduler.pid):
        for _ in range(2):
            workers.look()
        with pytest.raises(TimeoutError):
            workers.run(os.getpid)

    assert lines == ["the scheduler here does not answer; the sweep waits for it"]
    assert workers.threads == 1


def test_another_version_of_the_scheduler_or_a_worker_is_named():
    own = get_versions()
    others = {"host": {"python": "3.12.1"}, "packages": own["packages"]}
    shown = f"distributed {own['packages']['distributed']}"

    with pytest.raises(UserError) as refused:
        refuse_others({"its scheduler": own, "tcp://two:1": others})
    assert str(refused.value) == (
        f"tcp://two:1 has Python 3.12 and {shown}, and this machine Python 3.11 and {shown}: they must be the same"
    )
