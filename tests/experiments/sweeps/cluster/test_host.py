"""The process beside a worker, without Dask."""

import os
import pickle

import pytest

from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.cluster.place import Sweep, package_versions, token_in
from experiments.sweeps.cluster.remote.process import Call, HostProcess
from experiments.sweeps.cluster.remote.project import RefusedError, Sealed
from experiments.sweeps.executors.worker import Request, preloaded_modules
from observers.system.process import is_alive

pytestmark = pytest.mark.slow


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start a host for a sweep in `tmp_path`."""
    monkeypatch.delenv("MONGO_URL", raising=False)

    def start(token, packages=None):
        modules, runs = preloaded_modules("parity"), tmp_path / "runs"
        sweep = Sweep(modules, tmp_path, runs, {}, delivers=False, token=token, packages=packages or {})
        return HostProcess({**os.environ, "PYTHONPATH": str(ROOT)}, (pickle.dumps(sweep), 1))

    return start


def test_a_host_that_does_not_see_the_runs_refuses(start, tmp_path):
    with pytest.raises(RefusedError, match=f"does not see {tmp_path}/runs: share that directory"):
        start(".sweep-elsewhere")


def test_a_host_with_another_version_of_a_package_refuses(start):
    own = package_versions()
    with pytest.raises(RefusedError) as refused:
        start("", {**own, "numpy": "0.1"})

    assert set(own) == {"tensorflow", "numpy", "sacred"}
    assert f" has numpy {own['numpy']}, and this machine 0.1, which may change results: install" in str(refused.value)


def test_a_host_tells_the_process_of_a_run_before_it_begins_and_how_it_has_ended(start, tmp_path):
    config = ["fast", "hidden=4", "data_size=40", "max_steps=4", "evaluate_every=2", "seed=1"]
    request = Request("parity", "parity.py", config, ["-F", "runs"], source_digests(ROOT))
    begun = []

    def begin(attempt):
        assert not list((tmp_path / "runs").glob("[0-9]*"))
        begun.append((attempt, is_alive(attempt)))

    with token_in(tmp_path / "runs") as token:
        host = start(token)
        kind, content = host.run(Call("one", Sealed(pickle.dumps(request)), threads=1), [], begin)
        host.send("leave")
        host.wait(30)

    outcome = pickle.loads(content)
    assert (kind, outcome.exit_status, outcome.run.status) == ("outcome", 0, "COMPLETED")
    assert [(outcome.run.entry["process"], True)] == begun
    assert host.has_ended
    assert not host.is_busy
