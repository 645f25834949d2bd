"""A run of a sweep in a process of its own."""

import sys

import pytest

from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.executors.fork_executor import ForkExecutor
from experiments.sweeps.executors.worker import Request, preloaded_modules, train
from tests.experiments.place import SCRIPT


def test_a_run_is_refused_if_sources_have_changed_since_the_sweep_started():
    changed = {**source_digests(ROOT), "core/network/lstm.py": "0" * 32}
    outcome = train(Request("parity", str(SCRIPT), ["fast"], [], changed))

    assert outcome.exit_status == 1
    assert outcome.run is None
    assert outcome.stderr == "core/network/lstm.py has changed since the sweep started: start the sweep again"


def imports_of_training(*words):
    """Train; return the exit status and what this imports of the project, of git and of TensorFlow's interface."""
    before = set(sys.modules)
    outcome = train(Request("parity", str(SCRIPT), words, [], source_digests(ROOT)))
    packages = ("core", "experiments", "observers", "git", "tensorflow")
    lazy = "tensorflow.python."  # parts that TensorFlow itself imports when it first uses them
    imported = {name for name in set(sys.modules) - before if name.split(".")[0] in packages}
    return outcome.exit_status, {name for name in imported if not name.startswith(lazy)}


@pytest.mark.slow
def test_the_server_preloads_everything_that_a_run_imports(place, monkeypatch, own_fork_server):
    monkeypatch.chdir(place.directory)
    with ForkExecutor(1, preloaded_modules("parity")) as executor:
        assert executor.submit(imports_of_training, "fast").result() == (0, set())
